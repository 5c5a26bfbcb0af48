"""The state in an S3 bucket: a snapshot, a journal of what happened since, and a lock, each written on a condition.

A write is one small object, whose name nobody else can take, so that it costs the same whatever the size of the state
and no two writers can both go first. Documents are those of `model.encoding`; nothing here knows what they mean.
"""
