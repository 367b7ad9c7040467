//! `zisk security`: how many bits are proven, and by which terms.

use serde_json::Value;
use zisk_sdk::security::report;
use zisk_sdk::{Blowup, Parameters};

use crate::args::Security;
use crate::commands::factor;
use crate::report::{Done, Report};

/// Prints the proven security of one blowup or of each; the smallest counts.
pub fn security(security: &Security) -> Done {
    let blowups = security.blowup.map_or(Blowup::ALL.to_vec(), |blowup| vec![blowup]);
    let (mut text, mut reports, mut smallest) = (String::new(), Vec::<Value>::new(), f64::INFINITY);
    for blowup in blowups {
        let report = report(blowup);
        smallest = smallest.min(report.bits);
        text += &format!("blowup {}: {:.0} bits proven ({})\n", factor(blowup), report.bits.floor(), report.regime);
        for (term, bits) in &report.terms {
            text += &format!("  {bits:>7.2}  {term}\n");
        }
        text += &format!("  {:>7.2}  least of these, by rounds\n", report.bits);
        text += &format!("  {:>7.2}  union of these\n", report.union);
        let rows = rows(&report.parameters);
        let named: Vec<String> = rows.iter().map(|(name, value)| format!("{name} {value}")).collect();
        text += &format!("  parameters: {}\n", named.join(", "));
        let pairs = report.terms.into_iter().map(|(term, bits)| (term, Value::from(bits)));
        let terms: serde_json::Map<String, Value> = pairs.collect();
        let parameters: serde_json::Map<String, Value> =
            rows.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let object = Report::default()
            .with("blowup", factor(blowup))
            .with("security_bits", report.bits.floor() as u64)
            .with("bits", report.bits)
            .with("union_bits", report.union)
            .with("regime", report.regime)
            .with("terms", terms)
            .with("parameters", parameters);
        reports.push(object.into_value());
    }
    let report = Report::default().with("security_bits", smallest.floor() as u64).with("reports", reports);
    Done { report, text, code: 0 }
}

fn rows(parameters: &Parameters) -> [(&'static str, usize); 9] {
    [
        ("log_blowup", parameters.log_blowup),
        ("queries", parameters.queries),
        ("log_final_poly_len", parameters.log_final_poly_len),
        ("max_log_arity", parameters.max_log_arity),
        ("batch_grinding", parameters.batch_grinding),
        ("commit_grinding", parameters.commit_grinding),
        ("query_grinding", parameters.query_grinding),
        ("lookup_grinding", parameters.lookup_grinding),
        ("ood_grinding", parameters.ood_grinding),
    ]
}
