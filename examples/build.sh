#!/usr/bin/env bash
# Builds the examples into elf/, the same bytes wherever it runs.
#
#   build.sh           builds elf/*.elf, elf/SHA256SUMS and elf/BUILD.txt
#   build.sh --check   builds aside and fails unless the bytes are those of elf/ (exit code 3: by another compiler)
#
# The compiler is the one that rust-toolchain.toml names, with its target riscv64imac-unknown-none-elf; where
# rustup cannot have that, Debian's: packages rustc-web, rust-web-src and lld-19. The program in C needs Debian's
# gcc-riscv64-unknown-elf and picolibc-riscv64-unknown-elf, those in C++ and Zig PyPI's ziglang and binutils. Another
# compiler gives other bytes: elf/BUILD.txt says which one gave these.
set -euo pipefail

usage() {
    sed -n '2,6s/^# \{0,1\}//p' "$0"
    exit 2
}

case "${1-}" in
    '') check=false ;;
    --check) check=true ;;
    *) usage ;;
esac
[ $# -le 1 ] || usage

cd "$(dirname "$(realpath "$0")")"
project=$(dirname "$PWD")
cargo_home=${CARGO_HOME:-$HOME/.cargo}
target=riscv64imac-unknown-none-elf
names=(sha256 compare random fibonacci json atomics echo bench-loop bench-sha256 bench-quicksort bench-mix)
# Built once more, to elf/NAME-zb.elf, for the bit manipulation of Zba, Zbb and Zbs.
zb_names=(sha256)
zb_flag=-Ctarget-feature=+zba,+zbb,+zbs

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS
export CARGO_INCREMENTAL=0

options=()
flags=()
if [ -n "$(find "$(rustc --print target-libdir --target $target)" -name 'libcore-*' 2>/dev/null)" ]; then
    rustc=rustc
elif [ -d /usr/lib/rustlib/src/rust/library ] && command -v ld.lld-19 >/dev/null; then
    rustc=/usr/bin/rustc
    export RUSTC=$rustc RUSTC_BOOTSTRAP=1 # the second allows -Zbuild-std
    options+=(-Zbuild-std=core,alloc)
    flags+=(-Clinker=ld.lld-19 -Clinker-flavor=ld.lld)
    remap_standard=$(realpath /usr/lib/rustlib/src/rust)
else
    echo "no compiler for $target: run \"rustup target add $target\"," >&2
    echo "or install Debian's packages rustc-web, rust-web-src and lld-19" >&2
    exit 1
fi
compiler=$($rustc -vV | grep -v '^host')

# Panic messages name source files: by names that are the same on every machine.
remaps=("--remap-path-prefix=$project=zisk")
for registry in "$cargo_home"/registry/src/*/; do
    remaps+=("--remap-path-prefix=${registry%/}=crates")
done
[ -z "${remap_standard-}" ] || remaps+=("--remap-path-prefix=$remap_standard=rust")

mkdir "$work/elf"

# build SUFFIX NAMES [FLAG]: the programs, to elf/NAME$SUFFIX.elf. Flags are joined to those of .cargo/config.toml.
build() {
    local suffix=$1 names=$2 quoted name
    quoted=$(printf '"%s",' "${flags[@]}" "${remaps[@]}" "${@:3}")
    cargo build --release --locked --target $target --target-dir "$work/target$suffix" "${options[@]}" \
        --config "target.$target.rustflags=[$quoted]"
    for name in $names; do
        cp "$work/target$suffix/$target/release/$name" "$work/elf/$name$suffix.elf"
    done
}
cargo fetch --quiet --locked --target $target
build '' "${names[*]}"
build -zb "${zb_names[*]}" "$zb_flag"

# documented LANGUAGE NAME SUFFIX: a program in another language, by the lines of guest/README.md as they stand there.
documented() {
    local language=$1 name=$2 suffix=$3
    mkdir -p "$work/$suffix/guest"
    cp -r "$project/guest/"{c,include,zisk.ld} "$work/$suffix/guest/"
    cp "$suffix/$name.$suffix" "$work/$suffix/program.$suffix"
    sed -n "/^## $language\$/,/^\`\`\`\$/p" "$project/guest/README.md" | sed -e '1,/^```sh$/d' -e '/^```$/d' \
        -e 's|cargo rustc|cargo rustc --manifest-path "$project/Cargo.toml"|' >"$work/$suffix/lines.sh"
    (cd "$work/$suffix" && project=$project CARGO_TARGET_DIR=target RUSTFLAGS="${flags[*]} ${remaps[*]}" bash -eu lines.sh)
    riscv64-unknown-elf-strip -o "$work/elf/$name.elf" "$work/$suffix/program.elf"
}
# Where a compiler is missing its program stays as it is.
if riscv64-unknown-elf-gcc --specs=picolibc.specs -E -include stdio.h -x c /dev/null >/dev/null 2>&1; then
    documented C statistics c
else
    echo "no riscv64-unknown-elf-gcc with picolibc: statistics.elf is not built anew" >&2
    cp elf/statistics.elf "$work/elf/"
fi
if python3 -m ziglang version >/dev/null 2>&1 && command -v riscv64-unknown-elf-strip >/dev/null; then
    documented C++ shapes cpp
    documented Zig histogram zig
else
    echo "no ziglang, or no riscv64-unknown-elf-strip: shapes.elf and histogram.elf are not built anew" >&2
    cp elf/shapes.elf elf/histogram.elf "$work/elf/"
fi

for elf in "$work"/elf/*.elf; do
    if grep -qaF -e "$project/" -e "$cargo_home/" "$elf"; then
        echo "$(basename "$elf") names a path of this machine" >&2
        exit 1
    fi
done
chmod 644 "$work"/elf/*.elf
(cd "$work/elf" && sha256sum -- *.elf >SHA256SUMS)
{
    echo "$compiler"
    echo "cargo build --release --locked --target $target" "${options[@]}"
    echo "flags of .cargo/config.toml, source paths renamed" "${flags[@]}"
    echo "*-zb.elf with $zb_flag besides"
} >"$work/elf/BUILD.txt"

if ! $check; then
    mkdir -p elf
    cp "$work"/elf/* elf/
    cat elf/SHA256SUMS
elif ! diff elf/BUILD.txt "$work/elf/BUILD.txt"; then
    echo "another compiler than that of elf/: its bytes cannot be compared" >&2
    exit 3
else
    diff elf/SHA256SUMS "$work/elf/SHA256SUMS"
    (cd elf && sha256sum --check SHA256SUMS)
fi
