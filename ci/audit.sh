#!/usr/bin/env bash
# Whether the tests would notice a hole. ci/audit.sh delete [TABLE] leaves each constraint and each interaction of every
# table, or of one, out in turn and lets mutants, liars and a search loose on the rest: something must then be accepted
# that was not, or, of what gives and takes, honest runs must no longer balance. A line for each, and a sum. ci/audit.sh lie
# lets one instruction lie in whole runs, for every operation, and lies about memory, ends and multiplicities.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

case "${1:-}" in
delete) ZISK_TABLE="${2:-}" cargo test --locked -p air --test audit -- --ignored --nocapture every_part_is_missed ;;
lie) ZISK_FULL=1 cargo test --locked -p air --test liar -- --nocapture ;;
*)
    echo 'usage: ci/audit.sh delete [TABLE] | lie' >&2
    exit 2
    ;;
esac
