"""
Local SES, STS, tagging and DNS servers, so that the real SDKs run end to end without any account.

What lives here speaks only the wire: it is driven by botocore's own service models, keeps its state in one
SQLite file and imports nothing else of chanplan, so that a mistake in our reading of a service can't hide by
standing on both sides. `server` starts it, `controls` sets it from outside, `wire` knows formats, `services`
knows behaviour (its quirks in one table), `state` remembers and `dns` answers. `docs/sandbox.md` is its manual.
"""
