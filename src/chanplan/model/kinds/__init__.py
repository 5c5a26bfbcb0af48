"""The kinds of resource: one file each with its declared schema and the table that the rest of the engine reads.

A new kind is one file here, one line in `registry`, and a provider. Schemas are pydantic models; everything
else is plain functions over attributes. No I/O, and no knowledge of how a service is called.
"""
