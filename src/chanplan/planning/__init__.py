"""Deciding what to do.

Graph, difference, rules, gates, planner, digest and estimate: from what is desired, remembered and observed
to a plan. Pure: the same input gives the same plan, byte for byte. No I/O, no clock, no randomness, and no
knowledge of how a service is spoken to.
"""
