"""
The async bot handler: update → question or press; reply → message.

May not know what a topic or a dose is.
"""
