# A policy that can't read the plan must not pass it.
package main

import rego.v1

deny contains msg if {
	not is_readable
	msg := "plan_format: this isn't a plan of format 1; look at the policies before you trust them with it"
}

deny contains msg if {
	is_readable
	input.errored
	msg := "plan_errored: a service couldn't be read, so that a part of the plan is missing"
}

is_readable if startswith(input.format_version, "1.")
