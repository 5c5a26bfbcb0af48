"""
Amazon SES as sesv2 and the older ses API show it: both work on the same objects.

Behaviour that a reader of the public reference would not expect stands in `quirks`, with its source.
"""
