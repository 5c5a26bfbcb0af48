# Bills are shared out by tags.
package main

import rego.v1

import data.chanplan.plan
import data.chanplan.settings

deny contains msg if {
	some rc in plan.kept
	rc.provider_name == "ses"
	some key in settings.required_tags
	not rc.change.after.tags[key]
	msg := sprintf("tag_missing: %s has no tag %s", [rc.address, key])
}
