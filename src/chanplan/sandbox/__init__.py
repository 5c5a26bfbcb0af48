"""
Local SES, STS, tagging, Twilio and DNS servers, so that the real SDKs run end to end without any account.

What lives here speaks only the wire: it keeps its state in one SQLite file and imports nothing else of chanplan, so
that a mistake in our reading of a service can't hide by standing on both sides. `server` starts it, `controls` sets it
from outside, `dispatch` carries requests through faults and hooks, `families` join what speaks alike, `wire` knows
formats, `services` knows behaviour (its quirks in tables), `state` remembers and `dns` answers. `docs/sandbox.md` is
its manual.
"""
