//! `zisk isa`: the card of an instruction, or all of them.

use spec_interp::{COMPRESSED, Op};

use crate::args::Isa;
use crate::card;
use crate::failure::Failure;
use crate::report::{Done, Report};

/// Prints one card with its table, or the whole book.
pub fn isa(isa: &Isa) -> Result<Done, Failure> {
    let Some(mnemonic) = &isa.mnemonic else {
        let full = Op::ALL.into_iter().map(card::report);
        let cards: Vec<_> =
            full.chain(COMPRESSED.iter().map(card::compressed_report)).map(Report::into_value).collect();
        return Ok(Done { report: Report::default().with("isa", cards), text: card::book(), code: 0 });
    };
    if let Some(form) = COMPRESSED.iter().find(|form| is_spelled(form.mnemonic, mnemonic)) {
        let text = format!("{}\n{}", card::compressed(form), card::single(form.op));
        return Ok(Done { report: card::compressed_report(form), text, code: 0 });
    }
    let op = Op::ALL.into_iter().find(|op| is_spelled(op.mnemonic(), mnemonic));
    let op = op.ok_or_else(|| Failure::Mnemonic(mnemonic.clone()))?;
    Ok(Done { report: card::report(op), text: card::single(op), code: 0 })
}

/// Whether the name is that of the instruction: `add.uw` is also spelled `ADD.UW`, `add_uw` and `AddUw`.
fn is_spelled(mnemonic: &str, name: &str) -> bool {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['.', '_'], "");
    plain(mnemonic) == plain(name)
}
