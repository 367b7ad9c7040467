#!/usr/bin/env bash
# Compares spec-interp with programs that nobody here wrote: ci/oracle.sh [full | --installed | --install]
#
# Without an argument some millions of instructions and a sample of words, in about a minute; with `full` all words and
# programs by the hundred million, in about half an hour. --installed says what is missing, --install gets it. See
# oracle/README.md for what is compared. The exit code is that of the first difference.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

packages=(libunicorn-dev qemu-user llvm-19-dev)
tools=target/oracles

# Everything that an oracle needs, or what is missing.
missing() {
    local found=()
    command -v gcc > /dev/null || found+=(gcc)
    gcc -E -include unicorn/unicorn.h -x c /dev/null > /dev/null 2>&1 || found+=("libunicorn's headers")
    command -v qemu-riscv64 > /dev/null || found+=(qemu-riscv64)
    command -v llvm-config-19 > /dev/null || found+=(llvm-config-19)
    local IFS=,
    echo "${found[*]}"
}

case ${1-} in
    '' | full | --installed) ;;
    --install)
        [ -n "$(missing)" ] || exit 0
        [ "$(id -u)" = 0 ] || { echo "error: run as root: $0 --install" >&2; exit 2; }
        apt-get update
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc libc6-dev "${packages[@]}"
        exit ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac

missing=$(missing)
if [ -n "$missing" ]; then
    echo "oracles not installed: no ${missing//,/, no }; on Debian: apt-get install ${packages[*]}" >&2
    exit 2
fi
[ "${1-}" != --installed ] || exit 0

mkdir -p "$tools"
gcc -std=c11 -Wall -Wextra -Werror -O2 -o "$tools/unicorn" oracle/unicorn.c -lunicorn
read -ra llvm <<< "$(llvm-config-19 --ldflags --libs --link-shared | tr '\n' ' ')"
gcc -std=c11 -Wall -Wextra -Werror -O2 -I"$(llvm-config-19 --includedir)" -o "$tools/llvm" oracle/llvm.c "${llvm[@]}"

# One target directory, since most of what is needed is compiled for the workspace anyway.
cargo=(--manifest-path oracle/Cargo.toml --locked --target-dir target)
oracle() {
    echo "== $*"
    cargo run --quiet "${cargo[@]}" -- "$@"
}

echo '== lints and tests of the comparison itself'
cargo clippy --quiet --all-targets "${cargo[@]}" -- -D warnings
cargo test --quiet "${cargo[@]}"
if [ "${1-}" = full ]; then
    # New programs every night.
    seed=$(date +%s)
    oracle unicorn --instructions 300000000 --seed "$seed"
    oracle qemu --instructions 5000000 --seed "$seed"
    oracle llvm --full
else
    oracle unicorn --instructions 5000000
    oracle qemu --instructions 100000
    oracle llvm
fi
