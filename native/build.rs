//! Compiles `examples/workloads` apart: Cargo would compile it with the flags and the profile of the whole workspace,
//! for the processor at hand and, in development, with less optimisation and more checks.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("Cargo sets {name} for build scripts"));
    let source = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("../examples/workloads/src");
    let out = variable("OUT_DIR");
    println!("cargo::rerun-if-changed={}", source.display());
    println!("cargo::rustc-link-search={out}");

    let mut rustc = Command::new(variable("RUSTC"));
    rustc.args(["--crate-name=workloads", "--crate-type=rlib", "--edition=2024", "--target", &variable("TARGET")]);
    rustc.args(["-Copt-level=3", "-Ccodegen-units=1", "-Cno-vectorize-loops", "-Cno-vectorize-slp"]);
    if variable("CARGO_CFG_TARGET_ARCH") == "x86_64" {
        // Said although it is the default of most targets, because it is what the figures claim.
        rustc.arg("-Ctarget-cpu=x86-64");
    }
    let status = rustc.arg(format!("--out-dir={out}")).arg(source.join("lib.rs")).status();
    assert!(status.is_ok_and(|status| status.success()), "the native programs do not compile");
}
