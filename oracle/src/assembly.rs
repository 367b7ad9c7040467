//! LLVM's text of an instruction, as `spec-interp` writes the instruction that it stands for.

use std::collections::HashMap;
use std::fmt::Write;

/// `text` without suffixes that mean nothing here, with immediates as `spec-interp` writes them, and with compressed
/// instructions expanded as the manual says (chapter "C Extension", section "RVC Instruction Set Listings").
///
/// `None` for `c.unimp`, a name for the illegal halfword zero, and for text that has not the operands of its mnemonic.
pub fn normalise(text: &str, csrs: &Csrs) -> Option<String> {
    let mut parts = text.split(['\t', ' ', ',']).filter(|part| !part.is_empty());
    let mnemonic = parts.next()?;
    let mut operands = [""; 3];
    for (place, part) in operands.iter_mut().zip(&mut parts) {
        *place = part;
    }
    let [x, y, z] = operands;
    Some(match mnemonic {
        // The ordering of fences has no meaning on one hart.
        "fence" | "fence.tso" | "fence.i" => mnemonic.replace(".tso", ""),
        "lui" | "auipc" => format!("{mnemonic} {x}, {}", hex(y)?),
        "jal" => format!("jal {x}, {}", target(y)?),
        "beq" | "bne" | "blt" | "bge" | "bltu" | "bgeu" => format!("{mnemonic} {x}, {y}, {}", target(z)?),
        "csrrw" | "csrrs" | "csrrc" | "csrrwi" | "csrrsi" | "csrrci" => {
            format!("{mnemonic} {x}, {}, {z}", csrs.hex(y)?)
        }
        // LLVM's name for one word of `csrrw`.
        "unimp" => "csrrw zero, 0xc00, zero".into(),

        "c.unimp" => return None,
        "c.nop" if x.is_empty() => "addi zero, zero, 0".into(),
        "c.nop" => format!("addi zero, zero, {x}"),
        "c.addi" | "c.addiw" | "c.andi" | "c.slli" | "c.srli" | "c.srai" => format!("{} {x}, {x}, {y}", &mnemonic[2..]),
        // Shifts by zero, which are hints.
        "c.slli64" | "c.srli64" | "c.srai64" => format!("{} {x}, {x}, 0", &mnemonic[2..6]),
        "c.li" => format!("addi {x}, zero, {y}"),
        "c.lui" => format!("lui {x}, {}", hex(y)?),
        "c.addi16sp" => format!("addi {x}, sp, {y}"),
        "c.addi4spn" => format!("addi {x}, {y}, {z}"),
        "c.mv" => format!("add {x}, zero, {y}"),
        "c.add" | "c.sub" | "c.xor" | "c.or" | "c.and" | "c.addw" | "c.subw" => {
            format!("{} {x}, {x}, {y}", &mnemonic[2..])
        }
        "c.lw" | "c.ld" | "c.sw" | "c.sd" => format!("{} {x}, {y}", &mnemonic[2..]),
        "c.lwsp" | "c.ldsp" | "c.swsp" | "c.sdsp" => format!("{} {x}, {y}", &mnemonic[2..4]),
        "c.j" => format!("jal zero, {}", target(x)?),
        "c.jr" => format!("jalr zero, 0({x})"),
        "c.jalr" => format!("jalr ra, 0({x})"),
        "c.beqz" => format!("beq {x}, zero, {}", target(y)?),
        "c.bnez" => format!("bne {x}, zero, {}", target(y)?),
        "c.ebreak" => "ebreak".into(),

        _ => plain(mnemonic, &operands),
    })
}

/// An instruction that is written the same way in both, but for the ordering bits of atomics.
fn plain(mnemonic: &str, operands: &[&str; 3]) -> String {
    let ordered = [".aqrl", ".aq", ".rl"].iter().find_map(|suffix| mnemonic.strip_suffix(suffix));
    let mut text = String::with_capacity(32);
    text.push_str(ordered.unwrap_or(mnemonic));
    for (i, operand) in operands.iter().filter(|operand| !operand.is_empty()).enumerate() {
        text.push_str(if i == 0 { " " } else { ", " });
        text.push_str(operand);
    }
    text
}

fn hex(decimal: &str) -> Option<String> {
    Some(format!("{:#x}", decimal.parse::<u64>().ok()?))
}

fn target(offset: &str) -> Option<String> {
    let offset: i64 = offset.parse().ok()?;
    let mut text = String::from(if offset < 0 { ".-" } else { ".+" });
    write!(text, "{}", offset.unsigned_abs()).ok()?;
    Some(text)
}

/// The names that LLVM has for control and status registers, with their numbers.
#[derive(Default)]
pub struct Csrs(HashMap<String, u16>);

impl Csrs {
    /// Learns the name of a register from the text of `csrrs ra, <register>, zero`; a number needs none.
    ///
    /// Returns whether that is the text, and its name not that of another register too.
    pub fn learn(&mut self, number: u16, text: &str) -> bool {
        let name = text.strip_prefix("csrrs\tra, ").and_then(|rest| rest.strip_suffix(", zero"));
        name.is_some_and(|name| match name.parse::<u16>() {
            Ok(shown) => shown == number,
            Err(_) => self.0.insert(name.to_owned(), number).is_none(),
        })
    }

    fn hex(&self, register: &str) -> Option<String> {
        self.0.get(register).map(|number| format!("{number:#x}")).or_else(|| hex(register))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_that_of_the_instruction_it_stands_for() {
        let mut csrs = Csrs::default();
        assert!(csrs.learn(0xc00, "csrrs\tra, cycle, zero"));
        assert!(csrs.learn(0x7, "csrrs\tra, 7, zero"));
        for (llvm, ours) in [
            ("add\ta0, a1, a2", "add a0, a1, a2"),
            ("amoadd.w.aqrl\ta0, a1, (a2)", "amoadd.w a0, a1, (a2)"),
            ("lui\tt3, 840775", "lui t3, 0xcd447"),
            ("bltu\ta3, s11, -4", "bltu a3, s11, .-4"),
            ("fence\trw, w", "fence"),
            ("csrrs\ta0, cycle, zero", "csrrs a0, 0xc00, zero"),
            ("csrrwi\ta0, 1210, 18", "csrrwi a0, 0x4ba, 18"),
            ("c.srai64\ta0", "srai a0, a0, 0"),
            ("c.swsp\tra, 8(sp)", "sw ra, 8(sp)"),
            ("c.beqz\ts0, 16", "beq s0, zero, .+16"),
            ("ecall", "ecall"),
        ] {
            assert_eq!(normalise(llvm, &csrs).as_deref(), Some(ours));
        }
        assert_eq!(normalise("c.unimp", &csrs), None);
        assert_eq!(normalise("", &csrs), None);
        assert_eq!(normalise("csrrw\ta0, unheard, a1", &csrs), None);
        // Another number, and a name that was given before.
        assert!(!csrs.learn(0x8, "csrrs\tra, 7, zero"));
        assert!(!csrs.learn(0xc01, "csrrs\tra, cycle, zero"));
    }
}
