#!/usr/bin/env bash
# Every hour, say: goes on with what was approved and waits, then looks for what differs.
#   scheduled.sh [chanplan.yaml]
# Ends with 0 when all is as declared, 2 when something differs or waits still (plan.md says what), else as chanplan does.
set -euo pipefail

export CHANPLAN_CONFIG="${1:-chanplan.yaml}"

code=0
chanplan apply --resume --lock-timeout 30m || code=$?
case "$code" in
  0 | 3 | 4) ;; # 4: something differs that nobody approved, which the plan below shows.
  *) exit "$code" ;;
esac

code=0
chanplan plan --detailed-exitcode --out current.plan.json || code=$?
case "$code" in
  0 | 2) chanplan show current.plan.json --format markdown >plan.md ;;
  *) ;;
esac
exit "$code"
