//! Puts the linker script where the linker of the final program looks: `-C link-arg=-Tzisk.ld` finds it.

fn main() {
    let directory = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    println!("cargo::rustc-link-search=native={directory}");
    println!("cargo::rerun-if-changed=zisk.ld");
    println!("cargo::rerun-if-changed=build.rs");
}
