"""
What do these numbers add up to, step by step.

May not know words, chats, or today's date.
"""
