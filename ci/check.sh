#!/usr/bin/env bash
# What CI and a person run before a push: format, lints, tests, oracles. Needs the toolchain of rust-toolchain.toml, which
# rustup installs by itself; oracles and linkers need packages of the system, which CI installs and without which a person
# skips them. Lints and tests share the dev profile and one target directory.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

echo '== format'
cargo fmt --all --check
cargo fmt --manifest-path oracle/Cargo.toml --check
echo '== lints'
# Every unsafe block must come with its argument.
cargo clippy --workspace --all-targets --locked -- -D warnings -D clippy::undocumented_unsafe_blocks
# Unsafe code has its place, and no more of it than somebody has looked at: see fast-aot/src/lib.rs.
unsafe=$(grep -rhoE '\bunsafe (\{|impl|fn|extern)' fast-aot/src | wc -l)
[ "$unsafe" = "$(cat fast-aot/UNSAFE)" ] || { echo "error: $unsafe uses of unsafe in fast-aot/src, not as many as fast-aot/UNSAFE says" >&2; exit 1; }
if grep -rlE '\bunsafe (\{|impl|fn|extern)' spec-interp air prover verifier sdk zisk conformance riscv-tests --include='*.rs' |
    grep -vxE 'zisk/src/(host|memory).rs'; then
    echo 'error: unsafe code outside fast-aot, guest, zisk/src/host.rs and zisk/src/memory.rs' >&2
    exit 1
fi
echo '== tests'
# The guest's linker script is tried with two linkers, of which the compiler brings one.
if [ "${CI:-}" = true ] && ! command -v riscv64-unknown-elf-ld > /dev/null; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends binutils-riscv64-unknown-elf
fi
cargo test --workspace
echo '== security, computed a second time'
if [ "${CI:-}" = true ] && ! command -v python3 > /dev/null; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3
fi
if command -v python3 > /dev/null; then
    python3 ci/security.py target/debug/zisk
else
    echo 'skipped: no python3'
fi
echo '== the verifier without the standard library'
if ci/verifier.sh --installed; then
    ci/verifier.sh
else
    echo 'skipped: rustup cannot add the targets'
fi
echo '== fuzz targets'
# The tests above have called the targets that compare engines; this builds all of them and lets the fuzzer go for a bit.
if [ "${CI:-}" = true ] && ! command -v c++ > /dev/null; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends g++
fi
if command -v c++ > /dev/null; then
    # Three seconds need no fast code, and that takes longer to compile than to run.
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 ci/fuzz.sh 3
else
    echo 'skipped: no C++ compiler for libFuzzer; the targets were called by tests only'
fi
echo '== oracles'
[ "${CI:-}" != true ] || ci/oracle.sh --install
if ci/oracle.sh --installed; then
    ci/oracle.sh
else
    echo 'skipped: spec-interp is not compared with what others wrote'
fi
