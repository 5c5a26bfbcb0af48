# What a company sets. Override any of it with data: `conftest test --data limits.yaml`, `opa eval --data limits.yaml`, where
# limits.yaml says for instance `limits: {max_changes: 200, production: [acme-eu, acme-us]}`.
package chanplan.settings

import rego.v1

# More changes than this aren't reviewed, they are waved through.
default max_changes := 50

max_changes := data.limits.max_changes

# Workspaces in which a mistake reaches customers; null: those whose name ends in `production`.
default production := null

production := data.limits.production

# Tags that each AWS object must have, since bills are shared out by them.
default required_tags := ["team"]

required_tags := data.limits.required_tags

# What a ticket looks like in the `reason:` of an `acknowledge:` entry.
default ticket := `\b[A-Z][A-Z0-9]+-[0-9]+\b`

ticket := data.limits.ticket
