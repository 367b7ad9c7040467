#!/usr/bin/env bash
# What CI and a person run before a push: format, lints, tests. Needs the toolchain of rust-toolchain.toml, which
# rustup installs by itself, and nothing else. Lints and tests share the dev profile and one target directory.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

echo '== format'
cargo fmt --all --check
echo '== lints'
cargo clippy --workspace --all-targets --locked -- -D warnings
echo '== tests'
cargo test --workspace
