"""One module per command: its options, its help with examples, and what it prints.

A module is imported when its command runs. Each has one `command`; what it does is in `app`.
"""
