"""The Channel Manager HTTP API: the specification's calls over the same engine as the command line.

Whoever may call, how much and how fast is decided here; what a call does is decided in `app`. Nothing here knows a
store, a provider or a plan. Needs the extra `chanplan[api]`.
"""
