"""The state in a PostgreSQL database, which many workspaces share.

Rows hold JSON documents of `model.encoding`, one row for each thing that changes by itself, all under the name of their
workspace. Whoever holds a workspace writes through the session that holds its lock, so that both end together.
Nothing here knows what a document means beyond its address.
"""
