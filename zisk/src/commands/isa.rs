//! `zisk isa`: the card of an instruction, or all of them.

use spec_interp::Op;

use crate::args::Isa;
use crate::card;
use crate::failure::Failure;
use crate::report::{Done, Report};

/// Prints one card with its table, or the whole book.
pub fn isa(isa: &Isa) -> Result<Done, Failure> {
    let Some(mnemonic) = &isa.mnemonic else {
        let cards: Vec<_> = Op::ALL.into_iter().map(|op| card::report(op).into_value()).collect();
        return Ok(Done { report: Report::default().with("isa", cards), text: card::book(), code: 0 });
    };
    let op = find(mnemonic).ok_or_else(|| Failure::Mnemonic(mnemonic.clone()))?;
    Ok(Done { report: card::report(op), text: card::single(op), code: 0 })
}

/// Finds `add.uw` also by `ADD.UW`, `add_uw` and `AddUw`.
fn find(mnemonic: &str) -> Option<Op> {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['.', '_'], "");
    Op::ALL.into_iter().find(|op| plain(op.mnemonic()) == plain(mnemonic))
}
