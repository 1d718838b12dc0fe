#!/usr/bin/env bash
# Makes sure that tools are here: `need.sh cc postgresql chromium node`.
# Installs only what is missing, and only Debian packages; what Debian has too
# old (Rust, Node) it asks you for.
set -euo pipefail

has() {
    case "$1" in
    cc) command -v cc ;;
    postgresql) command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb ;;
    chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
    python3-venv) python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' ;;
    node) node --eval 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ;;
    *)
        echo "need.sh does not know '$1'" >&2
        exit 2
        ;;
    esac >/dev/null 2>&1
}

packages_of() {
    case "$1" in
    cc) echo gcc libc6-dev ;;
    *) echo "$1" ;;
    esac
}

command -v cargo >/dev/null || {
    echo "Rust is needed: https://rustup.rs" >&2
    exit 1
}

missing=()
for tool in "$@"; do
    has "$tool" && continue
    if [ "$tool" = node ]; then
        echo "Node.js 20 or newer is needed: https://nodejs.org" >&2
        exit 1
    fi
    read -ra packages <<<"$(packages_of "$tool")"
    missing+=("${packages[@]}")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "please install: ${missing[*]}" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "please install, as root: apt-get install ${missing[*]}" >&2
        exit 1
    }
    as_root=(sudo)
fi
echo "installing ${missing[*]}"
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
"${install[@]}" update -qq </dev/null
"${install[@]}" install -y -qq --no-install-recommends "${missing[@]}" </dev/null
