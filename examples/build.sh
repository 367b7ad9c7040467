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

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS
export CARGO_INCREMENTAL=0
# Outside of the repository the compiler would be another.
! command -v rustup >/dev/null || export RUSTUP_TOOLCHAIN="${RUSTUP_TOOLCHAIN:-$(rustup show active-toolchain | cut -d' ' -f1)}"

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
remaps=("--remap-path-prefix=$work=zisk")
for registry in "$cargo_home"/registry/src/*/; do
    remaps+=("--remap-path-prefix=${registry%/}=crates")
done
[ -z "${remap_standard-}" ] || remaps+=("--remap-path-prefix=$remap_standard=rust")

mkdir "$work/elf"

# build PACKAGE SUFFIX PROGRAMS [FLAG]: a package's programs, to elf/PROGRAM$SUFFIX.elf, from a copy outside of the
# repository, as the readme says that one is made, without the names that a person would keep for faults. Flags are joined to those of its .cargo/config.toml.
build() {
    local package=$1 suffix=$2 programs=$3 quoted program
    [ -d "$work/$package" ] || cp -rL "$package" "$work/$package"
    quoted=$(printf '"%s",' "${flags[@]}" "${remaps[@]}" "${@:4}")
    (cd "$work/$package" && cargo build --release --locked --target-dir "$work/target$suffix" "${options[@]}" \
        --config profile.release.strip=true \
        --config "target.$target.rustflags=[$quoted]")
    for program in $programs; do
        cp "$work/target$suffix/$target/release/$program" "$work/elf/$program$suffix.elf"
    done
}
for package in sha256 compare random fibonacci json atomics echo; do
    build $package '' $package
done
build workloads '' 'bench-loop bench-sha256 bench-quicksort bench-mix'
# Once more, for the bit manipulation of Zba, Zbb and Zbs.
build sha256 -zb sha256 -Ctarget-feature=+zba,+zbb,+zbs

# documented LANGUAGE PACKAGE PROGRAM: a program in another language, by the lines of guest/README.md as they stand there.
documented() {
    local language=$1 package=$2 program=$3
    cp -rL "$package" "$work/$package"
    # The versions of the crates that it depends on.
    cp "$project/Cargo.lock" "$work/$package/guest/"
    mv "$work/$package/$program.$package" "$work/$package/program.$package"
    sed -n "/^## $language\$/,/^\`\`\`\$/p" "$project/guest/README.md" | sed -e '1,/^```sh$/d' -e '/^```$/d' \
        >"$work/$package/lines.sh"
    (cd "$work/$package" && RUSTFLAGS="${flags[*]} ${remaps[*]}" bash -eu lines.sh)
    riscv64-unknown-elf-strip -o "$work/elf/$program.elf" "$work/$package/program.elf"
}
# Where a compiler is missing its program stays as it is.
if riscv64-unknown-elf-gcc --specs=picolibc.specs -E -include stdio.h -x c /dev/null >/dev/null 2>&1; then
    documented C c statistics
else
    echo "no riscv64-unknown-elf-gcc with picolibc: statistics.elf is not built anew" >&2
    cp elf/statistics.elf "$work/elf/"
fi
if python3 -m ziglang version >/dev/null 2>&1 && command -v riscv64-unknown-elf-strip >/dev/null; then
    documented C++ cpp shapes
    documented Zig zig histogram
else
    echo "no ziglang, or no riscv64-unknown-elf-strip: shapes.elf and histogram.elf are not built anew" >&2
    cp elf/shapes.elf elf/histogram.elf "$work/elf/"
fi

for elf in "$work"/elf/*.elf; do
    if grep -qaF -e "$work/" -e "$cargo_home/" "$elf"; then
        echo "$(basename "$elf") names a path of this machine" >&2
        exit 1
    fi
done
chmod 644 "$work"/elf/*.elf
(cd "$work/elf" && sha256sum -- *.elf >SHA256SUMS)
{
    echo "$compiler"
    echo "cargo build --release --locked" "${options[@]}"
    echo "flags of .cargo/config.toml, source paths renamed" "${flags[@]}"
    echo "*-zb.elf with -Ctarget-feature=+zba,+zbb,+zbs besides"
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
