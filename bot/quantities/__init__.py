"""
What amount does this text state, and how is it printed.

May not know that medicine exists.
"""
