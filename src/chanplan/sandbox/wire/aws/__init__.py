"""
AWS on the wire: routes, formats, validation and the codes of refusals, all by botocore's service models.

What an operation does never stands here.
"""
