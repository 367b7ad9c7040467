#!/usr/bin/env bash
# What takes too long for every push: every mutant of every cell (about an hour), lies of each operation by the hundred
# (a quarter of an hour), every constraint left out once (half an hour), every case of the instruction tests proved (six
# minutes), every set of sections linked (a quarter of an hour), all words and long campaigns with the oracles (about half an
# hour), our prover against the library's (a quarter of an hour, most of it compiling), a million mutants of a proof (an hour
# and a half on two cores), the examples rebuilt and compared, fuzzing.
# ci/nightly.sh [SECONDS], the seconds for each fuzz target, 600 unless said. See ci/audit.sh, ci/oracle.sh, ci/fuzz.sh and
# examples/build.sh for what they need.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

echo '== every mutant, many lies, every part left out'
ZISK_FULL=1 cargo test --locked -p air --test soundness --test liar -- --nocapture
ci/audit.sh delete
ZISK_FULL=1 cargo test --locked -p conformance --test proofs
ZISK_FULL=1 cargo test --locked -p spec-interp --test layout
ci/oracle.sh full
cargo test --locked -p prover --features reference --test reference
ci/mutants.sh
echo '== examples'
examples/build.sh --check
ci/fuzz.sh "${1:-600}"
