"""
How requests and answers look on the wire: routes, formats, validation and the HTTP listener.

Everything is derived from botocore's service models. What an operation does never stands here.
"""
