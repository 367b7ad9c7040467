#!/usr/bin/env bash
# Builds the verifier where it has no standard library, and compares the crates that it is made of with
# verifier/DEPENDENCIES, which somebody has looked at.
#
#   ci/verifier.sh               compares and builds
#   ci/verifier.sh --installed   whether the toolchain has the targets; rustup adds what is missing, if it can
#   ci/verifier.sh --list        prints the crates, for verifier/DEPENDENCIES
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

targets=(wasm32-unknown-unknown riscv64imac-unknown-none-elf)

crates() {
    for target in "${targets[@]}"; do
        cargo tree --locked -p verifier -e normal --target "$target" --prefix none --format '{p}'
    done | sed 's/ .*//' | grep -vxE 'air|spec-interp|verifier' | LC_ALL=C sort -u
}

installed() {
    for target in "${targets[@]}"; do
        [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || rustup target add "$target" || return
    done
}

case ${1:-} in
    --list) crates; exit ;;
    --installed) installed; exit ;;
esac

diff verifier/DEPENDENCIES <(crates) || {
    echo 'error: the verifier is made of other crates; look at them, then: ci/verifier.sh --list > verifier/DEPENDENCIES' >&2
    exit 1
}
installed
# Nobody runs these builds, and fast code takes long to compile.
CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_DEBUG=false \
    cargo build --release --locked -p verifier "${targets[@]/#/--target=}"
echo "the verifier is built for ${targets[*]}, of $(wc -l < verifier/DEPENDENCIES) crates beside our own"
