//! Whether this build uses the vector instructions of the machine that it runs on.

use std::sync::Once;

/// Says once, as a warning of `tracing`, what [`unused_vectors`] finds.
pub(crate) fn warn_once() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        if let Some(warning) = unused_vectors() {
            tracing::warn!("{warning}");
        }
    });
}

/// What to say if this machine has vector instructions, AVX-512 or AVX2, that this build does not use: proofs then take
/// up to four times as long. The field arithmetic is vectorised for the instruction set that it is compiled for, and a crate
/// that depends on this one does not inherit the flags of this repository.
pub fn unused_vectors() -> Option<String> {
    let unused = missing()?;
    Some(format!(
        "this machine has {unused}, which this build does not use, so that proving takes up to four times as long; compile \
         with RUSTFLAGS=\"-C target-cpu=native\", or write in .cargo/config.toml\n[target.'cfg(target_arch = \
         \"x86_64\")']\nrustflags = [\"-C\", \"target-cpu=native\"]"
    ))
}

#[cfg(target_arch = "x86_64")]
fn missing() -> Option<&'static str> {
    let widest = [
        ("AVX-512", is_x86_feature_detected!("avx512f"), cfg!(target_feature = "avx512f")),
        ("AVX2", is_x86_feature_detected!("avx2"), cfg!(target_feature = "avx2")),
    ];
    widest.into_iter().find(|(_, is_there, _)| *is_there).filter(|(.., is_used)| !is_used).map(|(name, ..)| name)
}

#[cfg(not(target_arch = "x86_64"))]
const fn missing() -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests are compiled with the flags of this repository, unless somebody sets others.
    #[test]
    fn a_native_build_has_nothing_to_say() {
        let is_native = cfg!(target_feature = "avx2") || !cfg!(target_arch = "x86_64");
        if is_native && missing().is_none() {
            assert_eq!(unused_vectors(), None);
        } else {
            assert!(unused_vectors().is_some_and(|warning| warning.contains("target-cpu=native")));
        }
    }
}
