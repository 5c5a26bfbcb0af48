"""What things are.

Addresses, values, resources, plans, gates, events, problems and errors: frozen dataclasses that
every other package may use. Purely data: no I/O, no clock, no service, no third party but pydantic
(in `kinds`), and nothing of chanplan outside this package.
"""
