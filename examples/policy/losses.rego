# What can't be got back: reputation that was earned over weeks.
package main

import rego.v1

import data.chanplan.plan
import data.chanplan.settings

deny contains msg if {
	some rc in plan.changes
	plan.is_email(rc)
	plan.deletes(rc)
	rc.change.before.sending_pool in plan.premium_pools
	msg := sprintf("premium_deleted: %s is a premium sender; it would start again at onboarding", [rc.address])
}

deny contains msg if {
	some rc in plan.changes
	plan.is_email(rc)
	plan.replaces(rc)
	"marketing" in {rc.change.before.email_type, rc.change.after.email_type}
	not has_ticket(rc)
	msg := sprintf("marketing_without_ticket: %s is replaced; give an `acknowledge:` entry whose reason names a ticket", [rc.address])
}

# `--allow-replace` agrees to a loss, too, but says neither who nor why.
has_ticket(rc) if {
	startswith(rc.acknowledged_by, "acknowledge: ")
	regex.match(settings.ticket, rc.acknowledged_by)
}

warn contains msg if {
	some rc in plan.changes
	some loss in rc.losses
	msg := sprintf("loss: %s: %s", [rc.address, loss.message])
}
