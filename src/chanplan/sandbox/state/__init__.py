"""
What the sandbox remembers between requests, processes and commands: objects, clock, faults, journal, zone.

All of it is in one SQLite file. Nothing here knows a service or a wire format.
"""
