# Nobody reads a thousand changes.
package main

import rego.v1

import data.chanplan.plan
import data.chanplan.settings

deny contains msg if {
	count(plan.changes) > settings.max_changes
	msg := sprintf("too_many_changes: %d changes, and %d is the limit; split them, or raise limits.max_changes", [count(plan.changes), settings.max_changes])
}
