#!/usr/bin/env bash
# What CI and a person run before a push: format, lints, tests, oracles. Needs the toolchain of rust-toolchain.toml, which
# rustup installs by itself; the oracles need packages of the system, which CI installs and without which a person skips
# them. Lints and tests share the dev profile and one target directory.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

echo '== format'
cargo fmt --all --check
cargo fmt --manifest-path oracle/Cargo.toml --check
echo '== lints'
# Every unsafe block must come with its argument.
cargo clippy --workspace --all-targets --locked -- -D warnings -D clippy::undocumented_unsafe_blocks
echo '== tests'
cargo test --workspace
echo '== oracles'
[ "${CI:-}" != true ] || ci/oracle.sh --install
if ci/oracle.sh --installed; then
    ci/oracle.sh
else
    echo 'skipped: spec-interp is not compared with what others wrote'
fi
