"""What the engine needs from outside, as Protocols: a provider, a record checker, a store, a clock, a pacer, metrics.

Only signatures and their contracts in prose live here: no implementation, no I/O, no third party, and nothing
of chanplan but `model`.
"""
