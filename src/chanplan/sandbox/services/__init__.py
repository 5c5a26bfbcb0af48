"""
What the imitated services do with a request: one module per family of objects and one table of operations.

A handler takes a `Call` and returns the answer's members or raises `ServiceError`. Formats never stand here.
"""
