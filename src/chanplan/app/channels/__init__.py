"""The Channel Manager API below HTTP: what its requests do to a workspace, over the same engine as the commands.

Here requests become plans of one change, and what is remembered becomes answers. Nothing here knows of HTTP, of access
keys or of JSON; nothing here calls a service other than by the engine.
"""
