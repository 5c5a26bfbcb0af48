"""Talking to the platforms where plans are reviewed: one package per platform behind `ports/review.py`, over one wire.

What a request is about comes from the variables that the platform's own CI sets; the token comes from the environment
alone. Nothing here knows what a plan is.
"""
