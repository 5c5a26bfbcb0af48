# Domains that anybody may forge.
package main

import rego.v1

import data.chanplan.plan

weak_dmarc contains rc.address if {
	some rc in plan.kept
	rc.type == "ses_setup"
	rc.change.after.dmarc.policy == "none"
}

deny contains msg if {
	plan.is_production
	some address in weak_dmarc
	msg := sprintf("dmarc_weak: %s publishes DMARC policy none; use quarantine or reject", [address])
}

warn contains msg if {
	not plan.is_production
	some address in weak_dmarc
	msg := sprintf("dmarc_weak: %s publishes DMARC policy none, which production refuses", [address])
}
