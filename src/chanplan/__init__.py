"""Terraform for communication channels: setups and use cases, declared in YAML, planned and applied.

The folders below are the architecture, and `docs/architecture.md` draws it. `model` says what things are,
`planning` decides, `config` reads, `providers` speak to the outside services, `stores` remember, `execution`
does, `render` tells, and `app` joins them for `cli`. Who may import whom is held by import-linter. Nothing but
this paragraph stands here, so that importing any part loads only that part.
"""
