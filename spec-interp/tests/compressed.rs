//! Every halfword against the manual's listings of RVC, written here as its diagrams are: fields from the highest bit
//! down, immediates by the positions of their bits.

use std::collections::HashMap;

use spec_interp::{COMPRESSED, CompressedForm, Inst, Op, decode};

/// A diagram; the operation and its rd, rs1, rs2 (fields, or registers by name); the width of the immediate if it is
/// signed; the fields that must not be zero.
type Form = (&'static str, Op, [&'static str; 3], Option<u32>, &'static [&'static str]);

#[rustfmt::skip]
const FORMS: &[Form] = &[
    ("000 [5:4|9:6|2|3] rd' 00",          Op::Addi,   ["rd'", "x2", ""],        None,     &["imm"]),
    ("010 [5:3] rs1' [2|6] rd' 00",       Op::Lw,     ["rd'", "rs1'", ""],      None,     &[]),
    ("011 [5:3] rs1' [7:6] rd' 00",       Op::Ld,     ["rd'", "rs1'", ""],      None,     &[]),
    ("110 [5:3] rs1' [2|6] rs2' 00",      Op::Sw,     ["", "rs1'", "rs2'"],     None,     &[]),
    ("111 [5:3] rs1' [7:6] rs2' 00",      Op::Sd,     ["", "rs1'", "rs2'"],     None,     &[]),
    ("000 [5] rd [4:0] 01",               Op::Addi,   ["rd", "rd", ""],         Some(6),  &[]),
    ("001 [5] rd [4:0] 01",               Op::Addiw,  ["rd", "rd", ""],         Some(6),  &["rd"]),
    ("010 [5] rd [4:0] 01",               Op::Addi,   ["rd", "", ""],           Some(6),  &[]),
    ("011 [9] 00010 [4|6|8:7|5] 01",      Op::Addi,   ["x2", "x2", ""],         Some(10), &["imm"]),
    ("011 [17] rd [16:12] 01",            Op::Lui,    ["rd", "", ""],           Some(18), &["imm", "rd^2"]),
    ("100 [5] 00 rd' [4:0] 01",           Op::Srli,   ["rd'", "rd'", ""],       None,     &[]),
    ("100 [5] 01 rd' [4:0] 01",           Op::Srai,   ["rd'", "rd'", ""],       None,     &[]),
    ("100 [5] 10 rd' [4:0] 01",           Op::Andi,   ["rd'", "rd'", ""],       Some(6),  &[]),
    ("100 0 11 rd' 00 rs2' 01",           Op::Sub,    ["rd'", "rd'", "rs2'"],   None,     &[]),
    ("100 0 11 rd' 01 rs2' 01",           Op::Xor,    ["rd'", "rd'", "rs2'"],   None,     &[]),
    ("100 0 11 rd' 10 rs2' 01",           Op::Or,     ["rd'", "rd'", "rs2'"],   None,     &[]),
    ("100 0 11 rd' 11 rs2' 01",           Op::And,    ["rd'", "rd'", "rs2'"],   None,     &[]),
    ("100 1 11 rd' 00 rs2' 01",           Op::Subw,   ["rd'", "rd'", "rs2'"],   None,     &[]),
    ("100 1 11 rd' 01 rs2' 01",           Op::Addw,   ["rd'", "rd'", "rs2'"],   None,     &[]),
    ("101 [11|4|9:8|10|6|7|3:1|5] 01",    Op::Jal,    ["", "", ""],             Some(12), &[]),
    ("110 [8|4:3] rs1' [7:6|2:1|5] 01",   Op::Beq,    ["", "rs1'", ""],         Some(9),  &[]),
    ("111 [8|4:3] rs1' [7:6|2:1|5] 01",   Op::Bne,    ["", "rs1'", ""],         Some(9),  &[]),
    ("000 [5] rd [4:0] 10",               Op::Slli,   ["rd", "rd", ""],         None,     &[]),
    ("010 [5] rd [4:2|7:6] 10",           Op::Lw,     ["rd", "x2", ""],         None,     &["rd"]),
    ("011 [5] rd [4:3|8:6] 10",           Op::Ld,     ["rd", "x2", ""],         None,     &["rd"]),
    ("100 0 rs1 00000 10",                Op::Jalr,   ["", "rs1", ""],          None,     &["rs1"]),
    ("100 0 rd rs2 10",                   Op::Add,    ["rd", "", "rs2"],        None,     &["rs2"]),
    ("100 1 00000 00000 10",              Op::Ebreak, ["", "", ""],             None,     &[]),
    ("100 1 rs1 00000 10",                Op::Jalr,   ["x1", "rs1", ""],        None,     &["rs1"]),
    ("100 1 rd rs2 10",                   Op::Add,    ["rd", "rd", "rs2"],      None,     &["rs2"]),
    ("110 [5:2|7:6] rs2 10",              Op::Sw,     ["", "x2", "rs2"],        None,     &[]),
    ("111 [5:3|8:6] rs2 10",              Op::Sd,     ["", "x2", "rs2"],        None,     &[]),
];

/// The bit positions of an immediate's piece such as `5:3|8`, highest first.
fn positions(piece: &str) -> Vec<u32> {
    let range = |part: &str| {
        let (high, low) = part.split_once(':').unwrap_or((part, part));
        (low.parse().unwrap()..=high.parse::<u32>().unwrap()).rev().collect::<Vec<_>>()
    };
    piece.split('|').flat_map(range).collect()
}

/// The fields of a halfword by a diagram; `None` if its fixed bits differ.
fn fields(diagram: &str, half: u16) -> Option<HashMap<&str, i64>> {
    let mut found = HashMap::from([("imm", 0), ("", 0), ("x1", 1), ("x2", 2)]);
    let mut unread = 16;
    let mut take = |count: u32| {
        unread -= count;
        i64::from(half) >> unread & ((1 << count) - 1)
    };
    for token in diagram.split(' ') {
        if let Some(piece) = token.strip_prefix('[') {
            for position in positions(piece.trim_end_matches(']')) {
                *found.get_mut("imm").unwrap() |= take(1) << position;
            }
        } else if token.starts_with('r') {
            let value = if token.ends_with('\'') { 8 + take(3) } else { take(5) };
            found.insert(token, value);
        } else if take(token.len() as u32) != i64::from_str_radix(token, 2).unwrap() {
            return None;
        }
    }
    assert_eq!(unread, 0, "{diagram}");
    Some(found)
}

fn expansion(&(diagram, op, [rd, rs1, rs2], signed, nonzero): &Form, half: u16) -> Option<Inst> {
    let found = fields(diagram, half)?;
    let excluded = |field: &&str| match field.split_once('^') {
        Some((name, value)) => found[name] == value.parse::<i64>().unwrap(),
        None => found[*field] == 0,
    };
    if nonzero.iter().any(excluded) {
        return None;
    }
    let imm = match signed {
        Some(bits) if found["imm"] >> (bits - 1) != 0 => found["imm"] - (1 << bits),
        _ => found["imm"],
    };
    let register = |name: &str| found[name] as u8;
    Some(Inst { op, rd: register(rd), rs1: register(rs1), rs2: register(rs2), imm, len: 2 })
}

#[test]
fn every_halfword_is_what_the_listing_says() {
    let mut seen = vec![0; FORMS.len()];
    for half in (0..=u16::MAX).filter(|half| half & 3 != 3) {
        let matches: Vec<_> = FORMS.iter().enumerate().filter_map(|(i, f)| Some((i, expansion(f, half)?))).collect();
        assert!(matches.len() <= 1, "{half:#06x} fits {matches:?}");
        let expected = matches.first().map(|&(form, inst)| {
            seen[form] += 1;
            inst
        });
        for above in [0, 0xffff_0000, 0x1234_0000] {
            assert_eq!(decode(above | u32::from(half)), expected, "{half:#06x}");
        }
    }
    assert!(seen.iter().all(|&count| count > 0), "{seen:?}");
}

#[test]
fn known_halfwords() {
    let known = [
        (0x0001, "addi zero, zero, 0"),
        (0x4501, "addi a0, zero, 0"),
        (0x1141, "addi sp, sp, -16"),
        (0xe406, "sd ra, 8(sp)"),
        (0x60a2, "ld ra, 8(sp)"),
        (0x0141, "addi sp, sp, 16"),
        (0x8082, "jalr zero, 0(ra)"),
        (0x9002, "ebreak"),
        (0x852e, "add a0, zero, a1"),
        (0x952e, "add a0, a0, a1"),
        (0x7139, "addi sp, sp, -64"),
        (0x1008, "addi a0, sp, 32"),
        (0xa001, "jal zero, .+0"),
        (0xbfd5, "jal zero, .-12"),
        (0xc111, "beq a0, zero, .+4"),
        (0x8d0d, "sub a0, a0, a1"),
        (0x2505, "addiw a0, a0, 1"),
        (0x757d, "lui a0, 0xfffff"),
    ];
    for (half, text) in known {
        assert_eq!(decode(half).map(|inst| inst.to_string()).as_deref(), Some(text), "{half:#06x}");
    }
}

/// The table of forms says of each halfword what the decoder makes of it, and what it does not is reserved.
#[test]
fn forms_are_what_decodes() {
    let mut seen = HashMap::new();
    for half in (0..=u16::MAX).filter(|half| half & 3 != 3) {
        let Some(inst) = decode(u32::from(half)) else {
            assert!(CompressedForm::of(half).is_none_or(|form| !form.reserved.is_empty()), "{half:#06x}");
            continue;
        };
        let form = CompressedForm::of(half).unwrap_or_else(|| panic!("{half:#06x} has no form"));
        assert_eq!((form.op, form.expansion.split(' ').next()), (inst.op, Some(inst.op.mnemonic())), "{half:#06x}");
        *seen.entry(form.mnemonic).or_insert(0) += 1;
    }
    assert!(COMPRESSED.iter().all(|form| seen.contains_key(form.mnemonic)), "{seen:?}");
}
