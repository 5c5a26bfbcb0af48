#!/usr/bin/env bash
# After a change was accepted: carries out the plan that was reviewed, and nothing else.
#   apply.sh reviewed.plan.json [chanplan.yaml]
#   apply.sh sha256:… [chanplan.yaml]
# Ends with 0 when everything is done or waits for somebody else; scheduled.sh goes on with what waits.
set -euo pipefail

approved="${1:?Name the reviewed plan, or its digest.}"
export CHANPLAN_CONFIG="${2:-chanplan.yaml}"

case "$approved" in
  sha256:*) approval=(--expect "$approved") ;;
  *) approval=("$approved") ;;
esac

code=0
chanplan apply "${approval[@]}" --lock-timeout 30m || code=$?
case "$code" in
  0 | 3) ;;
  4) echo "apply.sh: what there is to do now isn't what was reviewed. Plan, review and apply again." >&2 ;;
  5) echo "apply.sh: another run holds the workspace; nothing was done." >&2 ;;
  *) ;;
esac
[ "$code" -eq 3 ] || exit "$code"
