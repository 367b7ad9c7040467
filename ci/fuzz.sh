#!/usr/bin/env bash
# Fuzzes every target for some seconds each (60 unless said): ci/fuzz.sh [SECONDS] [TARGET...]
#
# Needs a C++ compiler, for libFuzzer. `cargo fuzz run TARGET` (a nightly compiler and cargo-fuzz) does the same by hand.
# It starts from the few inputs in fuzz/seeds, which `cargo test` also runs through the targets that compare engines.
# What is found lies in fuzz/artifacts, inputs of interest in fuzz/corpus. The exit code is that of the first failure.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

seconds=${1:-60}
[[ $seconds =~ ^[0-9]+$ ]] || { sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2; }
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(basename -s .rs fuzz/fuzz_targets/*.rs)

# What libFuzzer is guided by; for the programs alone, not for build scripts, hence --target. No sanitizer: what is unsafe
# behind the targets is generated code and the addresses it gets, which a sanitizer does not see.
coverage='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares'
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="--cfg fuzzing -Cdebug-assertions -Ctarget-cpu=native ${coverage//$'\n'/ }" \
    cargo build --release --locked --manifest-path fuzz/Cargo.toml --target "$host" "${targets[@]/#/--bin=}"

for target in "${targets[@]}"; do
    echo "== $target, $seconds s"
    # The first directory is written to, the second one only read.
    mkdir -p "fuzz/corpus/$target" "fuzz/seeds/$target" "fuzz/artifacts/$target"
    # Programs take some hundred bytes to be interesting, so lengths are not raised slowly. The memory limit holds a
    # decoder to what it has read.
    "fuzz/target/$host/release/$target" -artifact_prefix="fuzz/artifacts/$target/" \
        -max_total_time="$seconds" -len_control=0 -rss_limit_mb=4096 -malloc_limit_mb=2048 -timeout=60 -print_final_stats=1 \
        "fuzz/corpus/$target" "fuzz/seeds/$target"
done
