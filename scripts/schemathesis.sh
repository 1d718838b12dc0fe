#!/usr/bin/env bash
# Asks every operation of docs/api.json all sorts of things, as an owner, a
# member and a guest, and fails on what the description does not tell: a fault,
# another status, another body, another type. Begin at schemathesis/run.py.
#
# The tester comes from PyPI, in the versions of schemathesis/requirements.txt,
# into target/. When it cannot be had, this ends with 3 and has tested nothing.
# What follows the name goes to schemathesis: `--max-examples 200`.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${CARGO_TARGET_DIR:-target}"
binary="${CHATTER_BIN:-$target/debug/chatter}"
if [ ! -x "$binary" ]; then
    echo "$binary is not there: cargo build -p chatter" >&2
    exit 1
fi

home="$(scripts/venv.sh schemathesis)"
exec "$home/bin/python" scripts/schemathesis/run.py "$binary" "$@"
