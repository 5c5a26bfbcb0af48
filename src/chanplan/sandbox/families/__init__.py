"""
Families of services that are spoken to in the same way: each joins its wire with what its services do.

`dispatch` carries every request through faults, hooks and the transaction, and knows of families only what `family`
says. A new one is a module here, a package in `wire` and one in `services`. Nothing here waits, counts or remembers.
"""
