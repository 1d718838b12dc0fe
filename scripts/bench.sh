#!/usr/bin/env bash
# Measures: the raw floors and every scenario in one run on one machine, for
# only figures taken together can be compared. Prints one Markdown table;
# exits non-zero when the server broke a promise.
#
#   scripts/bench.sh [WORD…]    only scenarios whose name contains a word
#   BENCH_SECONDS=20            longer; the default is 10
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="${BENCH_SECONDS:-10}"
target="${CARGO_TARGET_DIR:-$PWD/target}"
chatter="$target/quick/chatter"
words=("$@")
scratch="$(mktemp -d "${BENCH_FOLDER:-$target}/bench.XXXXXX")"
results="$scratch/results"
: >"$results"
server=
we_started_postgres=
postgres_database=

finish() {
    stop_server
    if [ -n "$postgres_database" ]; then
        postgres "drop database if exists $postgres_database" || true
    fi
    if [ -n "$we_started_postgres" ]; then
        scripts/postgres.sh stop || true
    fi
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { echo "-- $*" >&2; }

wanted() {
    [ ${#words[@]} -gt 0 ] || return 0
    local word
    for word in "${words[@]}"; do
        [[ "$1" == *"$word"* ]] && return 0
    done
    return 1
}

postgres() { psql --quiet "$(scripts/postgres.sh url)" --command "$1"; }

# Thousands of sockets on each side.
ulimit -n "$(ulimit -Hn)"

# A server on an empty store, with everything lifted that protects a real one.
start_server() {
    local port=18431 limit lifted=()
    for limit in posts-per-minute typing-per-minute sign-ins-per-minute \
        sign-ups-per-hour guests-per-minute writes-per-minute claims-per-minute \
        commands-per-minute sockets-per-minute; do
        lifted+=("--limit-$limit" 0)
    done
    rm -rf "$scratch/data"
    env -i PATH="$PATH" "$chatter" serve --port "$port" --data "$scratch/data" "$@" "${lifted[@]}" \
        --max-connections 100000 --max-connections-per-address 100000 \
        --max-connections-per-user 100000 --drain-seconds 1 --log warn \
        >"$scratch/server.out" 2>"$scratch/server.err" &
    server=$!
    url="http://127.0.0.1:$port"
    local tries=0
    until grep -q "ready at" "$scratch/server.out" 2>/dev/null; do
        if ! kill -0 "$server" 2>/dev/null || [ "$((tries += 1))" -gt 300 ]; then
            cat "$scratch/server.out" "$scratch/server.err" >&2
            exit 1
        fi
        sleep 0.1
    done
}

stop_server() {
    [ -n "$server" ] || return 0
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
}

broken=0
# scenario NAME [serve flags…] -- bench flags…
scenario() {
    local name="$1" serve=()
    shift
    wanted "$name" || return 0
    while [ "$1" != -- ]; do
        serve+=("$1")
        shift
    done
    shift
    say "$name"
    start_server ${serve[@]+"${serve[@]}"}
    local code=0
    "$chatter" bench --url "$url" --pid "$server" --json "$@" >"$scratch/report" || code=$?
    stop_server
    if [ ! -s "$scratch/report" ]; then
        say "$name did not finish"
        broken=1
        return 0
    fi
    [ "$code" = 0 ] || broken=1
    printf '%s\t%s\n' "$name" "$(tail -n 1 "$scratch/report")" >>"$results"
}

crate_of() {
    case "$1" in
        million) echo chatter-store ;;
        *) echo chatter-terminal ;;
    esac
}

floor() {
    local name="$1"
    shift
    wanted "$name" || return 0
    say "$name"
    # Its own line first: a failure inside printf's argument would pass unseen.
    local report
    report="$(cargo bench --quiet --profile quick -p "$(crate_of "$name")" --bench "$name" -- "$@" --json | tail -n 1)"
    printf '%s\t%s\n' "$name" "$report" >>"$results"
}

cargo build --profile quick -p chatter ${CI:+--locked}

floor raw_fan_out --seconds "$seconds"
floor raw_group_commit "$scratch" --seconds "$seconds"
floor million "$scratch"

scenario one-in-flight -- -c 1000 -p 1 --in-flight 1 -d "$seconds"
scenario 64-in-flight -- -c 1000 -p 1 --in-flight 64 -d "$seconds"
scenario hundred-readers -- -c 100 -p 1 --rate 50 -d "$seconds"
scenario idle -- -c 10000 -r 5 --rooms-per-user 5 --idle -d 5
scenario join-storm -- -c 1000 --join-storm -d "$seconds"
scenario resume-storm -- -c 2001 -p 1 --resume-storm 500
scenario posts-sqlite -- -c 64 -u 64 -r 64 -p 64 -d "$seconds"

if wanted posts-postgres; then
    if ! (exec 3<>"/dev/tcp/127.0.0.1/${CHATTER_TEST_POSTGRES_PORT:-54329}") 2>/dev/null; then
        we_started_postgres=yes
    fi
    scripts/postgres.sh start >/dev/null
    postgres_database="chatter_bench_$$"
    postgres "create database $postgres_database"
    base="$(scripts/postgres.sh url)"
    scenario posts-postgres --database-url "${base%/*}/$postgres_database" \
        -- -c 64 -u 64 -r 64 -p 64 -d "$seconds"
fi

node scripts/bench-table.mjs "$results"
exit "$broken"
