#!/usr/bin/env bash
# A private PostgreSQL for the tests: `start`, `stop`, or `url` to see where.
# Its data live under target/, so `cargo clean` forgets them. Durable like a
# real one (fsync on), because the tests are about what survives.
set -euo pipefail

port="${CHATTER_TEST_POSTGRES_PORT:-54329}"
root="$(cd "$(dirname "$0")/.." && pwd)"
home="$root/target/test-postgres"

# The newest one installed, by version.
bin="$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)"
if [ ! -x "$bin/postgres" ]; then
    bin="$(dirname "$(command -v postgres || echo /nowhere/postgres)")"
fi
if [ ! -x "$bin/postgres" ]; then
    echo "PostgreSQL is not installed; on Debian: apt-get install postgresql" >&2
    exit 1
fi

# PostgreSQL refuses to run as root, and the postgres user may not reach a
# folder inside someone's home; then it lives in /var/tmp instead.
run=(env)
if [ "$(id -u)" = 0 ]; then
    run=(runuser -u postgres -- env)
    mkdir -p "$home"
    chown postgres "$home"
    if ! "${run[@]}" test -w "$home"; then
        home="/var/tmp/chatter-test-postgres-$port"
        mkdir -p "$home"
        chown postgres "$home"
    fi
fi
data="$home/data"
# A socket's path may have 107 bytes at most, and target/ may lie deep.
sockets="$home"
[ "${#sockets}" -le 80 ] || sockets=/tmp

is_running() {
    "${run[@]}" "$bin/pg_ctl" --pgdata "$data" status >/dev/null 2>&1
}

case "${1:-}" in
start)
    mkdir -p "$home"
    if [ ! -f "$data/PG_VERSION" ]; then
        (cd / && "${run[@]}" "$bin/initdb" --pgdata "$data" --username postgres --auth trust \
            --encoding UTF8 --locale C >"$home/initdb.log" 2>&1) || {
            cat "$home/initdb.log" >&2
            exit 1
        }
    fi
    if ! is_running; then
        (cd / && "${run[@]}" "$bin/pg_ctl" --pgdata "$data" --log "$home/server.log" --wait --silent \
            --options "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$sockets -c max_connections=200" \
            start >/dev/null) || {
            tail -n 20 "$home/server.log" >&2
            exit 1
        }
    fi
    echo "postgres://postgres@127.0.0.1:$port/postgres"
    ;;
stop)
    if [ -d "$data" ] && is_running; then
        (cd / && "${run[@]}" "$bin/pg_ctl" --pgdata "$data" --mode fast --wait --silent stop)
    fi
    ;;
url)
    echo "postgres://postgres@127.0.0.1:$port/postgres"
    ;;
*)
    echo "usage: $0 start|stop|url" >&2
    exit 2
    ;;
esac
