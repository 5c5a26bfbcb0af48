"""Doing what a plan says.

Refresh, the apply loop, intents, checkpoints and recovery, approvals and pacing. Providers and stores are
reached only through their ports. What should happen is never decided here: the plan says it.
"""
