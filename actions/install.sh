#!/usr/bin/env bash
# Installs chanplan for the action: the hash-pinned lock and the sources of the action's own checkout, and nothing else,
# so that the commit which a workflow pins is what runs.
set -euo pipefail

source="${GITHUB_ACTION_PATH:?is set by GitHub Actions}"
home="${RUNNER_TEMP:?is set by GitHub Actions}/chanplan"

if [ ! -x "$home/bin/chanplan" ]; then
  "${ACTION_PYTHON:-python3}" -m venv --clear "$home"
  # Wheels only, and hashes for all of them: no package runs a build script here, and none is swapped on the way.
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
    --only-binary=:all: --require-hashes --requirement "$source/requirements/action.txt"
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
    --no-deps --no-build-isolation --no-index "$source"
fi

"$home/bin/chanplan" --version
mkdir -p "$home/path"
ln -sf ../bin/chanplan "$home/path/chanplan"
# Only chanplan itself gets on the PATH, so that the environment's `python` and `pip` are nobody else's.
echo "$home/path" >>"$GITHUB_PATH"
