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
echo '== fuzz targets'
# The tests above have called the targets that compare engines; this builds all of them and lets the fuzzer go for a bit.
if cargo +nightly fuzz --version > /dev/null 2>&1; then
    ci/fuzz.sh 3
else
    echo 'skipped: no nightly compiler with cargo-fuzz; the targets were called by tests only'
fi
echo '== oracles'
[ "${CI:-}" != true ] || ci/oracle.sh --install
if ci/oracle.sh --installed; then
    ci/oracle.sh
else
    echo 'skipped: spec-interp is not compared with what others wrote'
fi
