#!/usr/bin/env bash
# Fuzzes every target for some seconds each (60 unless said): ci/fuzz.sh [SECONDS] [TARGET...]
#
# Needs a nightly compiler and cargo-fuzz: rustup toolchain install nightly && cargo install cargo-fuzz --locked
# It starts from the few inputs in fuzz/seeds, which `cargo test` also runs through the targets that compare engines.
# What is found lies in fuzz/artifacts, inputs of interest in fuzz/corpus. The exit code is that of the first failure.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

seconds=${1:-60}
[[ $seconds =~ ^[0-9]+$ ]] || { sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2; }
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo +nightly fuzz list)

# Programs take some hundred bytes to be interesting, so lengths are not raised slowly.
# What is unsafe behind the targets is generated code and the addresses it gets, which a sanitizer does not see, so that
# one would only slow them down. The memory limit holds a decoder to what it has read.
for target in "${targets[@]}"; do
    echo "== $target, $seconds s"
    # The first directory is written to, the second one only read.
    mkdir -p "fuzz/corpus/$target" "fuzz/seeds/$target"
    cargo +nightly fuzz run --sanitizer none "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
        -max_total_time="$seconds" -len_control=0 -rss_limit_mb=4096 -malloc_limit_mb=2048 -timeout=60 -print_final_stats=1
done
