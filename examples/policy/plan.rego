# Words for reading a plan: the document of `chanplan plan --format json`, or a file of `chanplan plan --out`.
package chanplan.plan

import rego.v1

import data.chanplan.settings

# What would change. A replacement has both halves in `actions`, as in Terraform's plans.
changes contains rc if {
	some rc in input.resource_changes
	rc.change.actions != ["no-op"]
}

# What would come into being or be changed: its `after` is how it will be.
kept contains rc if {
	some rc in changes
	rc.change.after != null
	rc.change.actions != ["forget"]
}

deletes(rc) if "delete" in rc.change.actions

replaces(rc) if {
	deletes(rc)
	"create" in rc.change.actions
}

is_email(rc) if {
	rc.type == "use_case"
	rc.provider_name == "ses"
}

is_production if {
	settings.production == null
	endswith(input.workspace, "production")
}

is_production if input.workspace in settings.production

# Names of pools that carry premium senders and nobody else, as they are now.
premium_pools contains rc.change.before.pool_name if {
	some rc in input.resource_changes
	rc.type == "sending_pool"
	rc.change.before.tiers == ["premium"]
}
