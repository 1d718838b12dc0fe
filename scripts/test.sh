#!/usr/bin/env bash
# Every test there is, one suite after the other; stops at the first that
# fails. Installs what is missing. Needs no running service: PostgreSQL is a
# private one, started and stopped here.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${CARGO_TARGET_DIR:-target}"
locked=(${CI:+--locked})
suite="setting up"
we_started_postgres=
left_out=

finish() {
    local code=$?
    if [ -n "$we_started_postgres" ]; then
        scripts/postgres.sh stop || true
    fi
    scripts/s3.sh stop || true
    if [ "$code" = 0 ] && [ -n "$left_out" ]; then
        printf '\n== all suites passed BUT WHAT WAS NOT RUN: %s\n' "$left_out" >&2
    elif [ "$code" = 0 ]; then
        printf '\n== all suites passed\n'
    else
        printf '\n== FAILED: %s\n' "$suite" >&2
    fi
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

suite() {
    suite="$1"
    printf '\n== %s\n' "$suite"
}

# Runs what needs PyPI. Where that is out of reach it is left out and said so at
# the end, unless this is the pipeline, which must not pass then.
from_pypi() {
    local code=0
    "$@" || code=$?
    if [ "$code" = 3 ] && [ -z "${CI:-}" ]; then
        left_out+="${left_out:+, }$suite"
    elif [ "$code" != 0 ]; then
        exit "$code"
    fi
}

start_s3() {
    CHATTER_TEST_S3="$(scripts/s3.sh start)" || return
    export CHATTER_TEST_S3
}

scripts/need.sh cc postgresql chromium node

suite "web: install and build"
make --no-print-directory web

suite "PostgreSQL: start"
port="${CHATTER_TEST_POSTGRES_PORT:-54329}"
# One that runs already is someone else's: used, and left running.
if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    we_started_postgres=yes
fi
scripts/postgres.sh start
CHATTER_TEST_POSTGRES="$(scripts/postgres.sh url)"
export CHATTER_TEST_POSTGRES

suite "files in a store that speaks S3"
from_pypi start_s3

# One build for the tests and for the binary that the browser tests start.
suite "Rust: build"
cargo build --workspace --bins --tests "${locked[@]}"

suite "Rust: test, on SQLite and PostgreSQL"
cargo test --workspace "${locked[@]}"

suite "web: types and lint"
(cd web && npm run --silent typecheck && npm run --silent lint)

suite "web: unit tests"
(cd web && npm test)

suite "web: in a browser, against the server"
CHATTER_BIN="$(cd "$target" && pwd)/debug/chatter"
export CHATTER_BIN
(cd web && npm run e2e)

suite "the interface, against its description"
from_pypi scripts/schemathesis.sh
