#!/usr/bin/env bash
# For each change that is proposed: shows what would change, and keeps the plan that is reviewed.
#   plan.sh [chanplan.yaml]
# Leaves reviewed.plan.json (keep it with the proposal: apply.sh carries it out), plan.md and digest.txt.
set -euo pipefail

export CHANPLAN_CONFIG="${1:-chanplan.yaml}"

chanplan validate
code=0
chanplan plan --detailed-exitcode --out reviewed.plan.json || code=$?
case "$code" in
  0) echo "Nothing would change." ;;
  2) ;; # There are changes, which is what a plan is for.
  *) exit "$code" ;;
esac
chanplan show reviewed.plan.json --format markdown >plan.md
sed -n '/^  "digest": /{s/.*"\(sha256:[0-9a-f]*\)".*/\1/p;q;}' reviewed.plan.json >digest.txt
