//! `zisk vk`: the digest that names a program.

use std::time::Instant;

use zisk_sdk::VerifyingKey;

use crate::args::Vk;
use crate::failure::Failure;
use crate::files;
use crate::report::{Done, Report};

/// Derives the key of a program and prints its digest.
pub fn vk(vk: &Vk) -> Result<Done, Failure> {
    let program = files::program(&vk.elf)?;
    let start = Instant::now();
    let digest = VerifyingKey::new(&program)?.digest().to_string();
    let report = Report::default().with("program", digest.as_str()).with("key_seconds", start.elapsed().as_secs_f64());
    Ok(Done { report, text: digest, code: 0 })
}
