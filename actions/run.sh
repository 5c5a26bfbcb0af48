#!/usr/bin/env bash
# Runs one command of chanplan for the action, and tells later steps how it ended.
set -euo pipefail

: "${GITHUB_OUTPUT:?is set by GitHub Actions}" "${GITHUB_STEP_SUMMARY:?is set by GitHub Actions}"

tell() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# What a step may write to a job's summary is 1 MiB.
summary_limit=1000000

options=()
[ -z "${ACTION_CONFIG:-}" ] || options+=(--config "$ACTION_CONFIG")
arguments=()
while IFS= read -r argument; do
  [ -z "$argument" ] || arguments+=("$argument")
done <<<"${ACTION_ARGS:-}"

directory="${ACTION_DIRECTORY:-.}"
plan_file="${ACTION_PLAN_FILE:-reviewed.plan.json}"
outcome_file=chanplan-outcome.jsonl
cd -- "$directory"

# from_json FILE KEY: gives a text at the top of a document, or of the outcome that ends a file of lines; nothing where a
# killed run left no outcome. Of an approval it is the digest.
from_json() {
  python3 - "$1" "$2" <<'PYTHON'
import json, sys

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
try:
    document = json.loads(text)
except ValueError:
    try:
        document = json.loads(text.splitlines()[-1])
    except (ValueError, IndexError):
        document = {}
if document.get("type", "outcome") != "outcome":
    document = {}
value = document.get(sys.argv[2])
if isinstance(value, dict):
    value = value.get("digest")
print(" ".join(str(value or "").split()))
PYTHON
}

code=0
digest="" message="" approval_digest=""
case "${ACTION_COMMAND:?says what to run}" in
  validate)
    chanplan "${options[@]}" validate --format github "${arguments[@]}" || code=$?
    ;;
  plan)
    rm -f -- "$plan_file"
    chanplan "${options[@]}" plan --detailed-exitcode --out "$plan_file" "${arguments[@]}" || code=$?
    if [ -e "$plan_file" ]; then
      tell plan-file "$directory/$plan_file"
      digest="$(from_json "$plan_file" digest)"
      chanplan show "$plan_file" --format markdown --comment-limit "$summary_limit" >>"$GITHUB_STEP_SUMMARY"
    fi
    ;;
  apply | resume)
    approval=("$plan_file")
    [ -z "${ACTION_EXPECT:-}" ] || approval=(--expect "$ACTION_EXPECT")
    [ "$ACTION_COMMAND" = apply ] || approval=(--resume)
    # Two applies at once wait for each other here: a concurrency group of GitHub would drop all but the last.
    chanplan "${options[@]}" apply "${approval[@]}" --lock-timeout 30m --format jsonl "${arguments[@]}" |
      tee "$outcome_file" || code="${PIPESTATUS[0]}"
    if [ -s "$outcome_file" ]; then
      tell outcome-file "$directory/$outcome_file"
      digest="$(from_json "$outcome_file" digest)"
      message="$(from_json "$outcome_file" message)"
      approval_digest="$(from_json "$outcome_file" approval)"
      printf '### %s\n\nDigest: %s\n' "${message:-The run ended without an outcome.}" "${digest:-unknown}" >>"$GITHUB_STEP_SUMMARY"
    fi
    ;;
  *)
    echo "::error title=chanplan::command is one of validate, plan, apply and resume"
    exit 1
    ;;
esac

case "$code" in
  0) result='done' ;;
  2) result=changes ;;
  3) result=waiting ;;
  4) result=refused ;;
  5) result=locked ;;
  130) result=interrupted ;;
  *) result=error ;;
esac
tell exit-code "$code"
tell result "$result"
tell digest "$digest"
tell message "$message"
tell approval "$approval_digest"

# Changes are what a plan is for, and waiting is a state: the next run goes on.
case "$result" in
  'done' | changes | waiting) ;;
  *) exit "$code" ;;
esac
