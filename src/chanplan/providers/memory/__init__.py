"""A service that exists in memory only: every kind, real enough to fail.

It keeps objects, their marks and parts, refuses what the real services refuse, and can be told to fail, hang,
lose answers and kill the process at any call. For tests and benchmarks; no network, and no knowledge of how
the real services are called.
"""
