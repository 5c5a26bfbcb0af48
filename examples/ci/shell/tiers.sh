#!/usr/bin/env bash
# Once a day: judges the tiers of email use cases by what became of their mail, and moves them.
#   tiers.sh [chanplan.yaml]
# tiers.md tells what was to move, on what evidence, and who stays. Ends as `chanplan tiers apply` does.
set -euo pipefail

export CHANPLAN_CONFIG="${1:-chanplan.yaml}"

# It ends with 1 where a use case can't be moved, or mail couldn't be asked about; what can be moved is, all the same.
chanplan tiers evaluate --format markdown >tiers.md || true
chanplan tiers apply --auto-approve --require-evidence --lock-timeout 30m
