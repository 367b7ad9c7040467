//! `zisk security`: how many bits are proven, and by which terms.

use serde_json::{Map, Value};
use zisk_sdk::security::{SecurityReport, TARGET_BITS, report};
use zisk_sdk::verifier::shape::Class;

use crate::failure::Failure;
use crate::report::{Done, Report};

/// Prints the proven security of each class of size, and the terms of the one with the least.
pub fn security() -> Result<Done, Failure> {
    let reports: Vec<SecurityReport> = Class::ALL.into_iter().map(report).collect::<Result<_, _>>()?;
    let least = reports.iter().min_by(|a, b| a.bits.total_cmp(&b.bits));
    let bits = least.map_or(0.0, |report| report.bits);
    let proven = (bits.floor() as usize).min(TARGET_BITS);
    let mut text = format!("{proven} bits proven, by unique decoding; what the errors of all terms add up to leaves\n");
    for SecurityReport { class, bits, .. } in &reports {
        text += &format!("  {bits:>7.2}  stacks of 2^{} cells\n", class.log_cells());
    }
    if let Some(SecurityReport { class, terms, .. }) = least {
        text += &format!("terms of stacks of 2^{} cells\n", class.log_cells());
        for (term, bits) in terms {
            text += &format!("  {bits:>7.2}  {term}\n");
        }
    }
    let classes = reports.iter().map(|SecurityReport { class, bits, terms }| {
        let terms: Map<String, Value> =
            terms.iter().map(|(term, bits)| ((*term).to_owned(), Value::from(*bits))).collect();
        Report::default().with("log_cells", class.log_cells()).with("bits", *bits).with("terms", terms).into_value()
    });
    let report = Report::default()
        .with("security_bits", proven)
        .with("bits", bits)
        .with("classes", classes.collect::<Vec<Value>>());
    Ok(Done { report, text, code: 0 })
}
