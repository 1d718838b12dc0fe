#!/usr/bin/env bash
# A Python tool for the tests: `venv.sh NAME` prints where it is installed, in
# the versions of scripts/NAME/requirements.txt, from PyPI into target/. When it
# cannot be had, this ends with 3.
set -euo pipefail
cd "$(dirname "$0")/.."

name="$1"
target="${CARGO_TARGET_DIR:-target}"
scripts/need.sh python3-venv >&2
wanted="scripts/$name/requirements.txt"
mkdir -p "$target"
home="$(cd "$target" && pwd)/$name"
if ! cmp -s "$wanted" "$home/installed.txt"; then
    rm -rf "$home"
    python3 -m venv "$home" >&2
    # Wheels only: nothing of what is fetched runs before it is asked to.
    if ! "$home/bin/pip" install --quiet --disable-pip-version-check --no-input \
        --only-binary :all: --no-deps --requirement "$wanted" >&2; then
        echo "$name could not be installed from PyPI: NOTHING WAS TESTED WITH IT" >&2
        exit 3
    fi
    cp "$wanted" "$home/installed.txt"
fi
echo "$home"
