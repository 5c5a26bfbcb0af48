"""Remembering what was done.

One module per backend, each behind the same port and held to the same conformance suite; none knows another.
No secret is written, and nothing here knows what a plan is for or what a service is.
"""
