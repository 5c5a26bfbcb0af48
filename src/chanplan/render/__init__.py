"""Telling what a plan says.

One view of a plan, and the texts made from it: for a terminal, for a review comment, as JSON. It takes values
and returns text: it never prints, reads, asks a service or decides.
"""
