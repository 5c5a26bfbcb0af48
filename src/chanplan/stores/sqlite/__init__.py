"""The state in one SQLite file: the default store.

Rows hold JSON documents of `model.encoding`, one row for each thing that changes by itself, so that a change costs
the same whatever the size of the state. Nothing here knows what a document means beyond its address.
"""
