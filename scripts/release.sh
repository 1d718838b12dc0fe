#!/usr/bin/env bash
# An optimised binary with its licences, packed, with a checksum beside it.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${CARGO_TARGET_DIR:-target}"
cargo build --release --locked -p chatter

version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)"
triple="$(rustc --version --verbose | sed -n 's/^host: //p')"
name="chatter-$version-$triple"
out="$target/dist"

rm -rf "${out:?}/$name"
mkdir -p "$out/$name"
cp "$target/release/chatter" README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$out/$name/"
tar --create --gzip --file "$out/$name.tar.gz" --directory "$out" --owner 0 --group 0 "$name"
(cd "$out" && sha256sum "$name.tar.gz" | tee "$name.tar.gz.sha256")
