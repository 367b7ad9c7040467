#!/usr/bin/env bash
# Verifies mutants of a proof, a million or as many as are asked for, with 4 GiB of addresses: none may be accepted, and
# none may make the verifier panic or ask for more memory. ci/mutants.sh [NUMBER [FIRST]]; a run that was stopped goes on
# from where it was.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

cargo test --locked -p prover --test proofs --no-run
ulimit -v 4194304
first="${2:-0}"
ZISK_MUTANTS="$first..$((first + ${1:-1000000}))" cargo test --locked -p prover --test proofs -- --nocapture mutants_are_rejected
