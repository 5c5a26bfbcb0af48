# Lines that customers call must not go by a slip of the hand.
package main

import rego.v1

import data.chanplan.plan

deny contains msg if {
	plan.is_production
	some rc in plan.kept
	rc.type == "use_case"
	rc.change.after.channel == "inbound_voice"
	not rc.change.after.prevent_destroy
	msg := sprintf("line_unprotected: %s takes calls in production; add `lifecycle: {prevent_destroy: true}`", [rc.address])
}
