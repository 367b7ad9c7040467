//! Words and halfwords that are no instructions of this machine.

use spec_interp::Cause;

use super::case;
use crate::Case;
use crate::asm::Asm;

/// Reserved code points, those of extensions that the machine lacks, and neighbours of those that it has.
#[rustfmt::skip]
const WORDS: [(u32, &str); 44] = [
    (0xffff_ffff, "ones"),
    (0x0000_001f, "48_bits"),
    (0x0000_003f, "64_bits"),
    (0x0400_1013, "slli_wide"),
    (0x0200_101b, "slliw_wide"),
    (0x0000_2063, "branch_010"),
    (0x0000_3063, "branch_011"),
    (0x0000_7003, "load_111"),
    (0x0000_4023, "store_100"),
    (0x0000_1067, "jalr_001"),
    (0x0000_201b, "addiw_010"),
    (0x0000_200f, "cbo.inval"),
    (0x0400_0033, "op_04_000"),
    (0x4200_7033, "op_42_111"),
    (0x0200_103b, "op32_02_001"),
    // Neighbours of Zba, Zbb, Zbs
    (0x0c00_101b, "slli.uw_wide"),
    (0x6030_1013, "unary_3"),
    (0x6030_101b, "unary_w_3"),
    (0x6040_101b, "sext.b_w"),
    (0x0800_4033, "zext.h_of_rv32"),
    (0x0810_403b, "packw"),
    (0x6980_5013, "rev8_of_rv32"),
    (0x6870_5013, "brev8"),
    (0x2860_5013, "gorci_6"),
    (0x6200_501b, "roriw_wide"),
    (0x0a00_1033, "clmul"),
    (0x2800_2033, "xperm4"),
    (0x0e00_5033, "czero.eqz"),
    (0x2000_103b, "op32_20_001"),
    // Neighbours of A
    (0x1010_202f, "lr.w_with_rs2"),
    (0x17f0_302f, "lr.d_aqrl_with_rs2"),
    (0x0000_002f, "amoadd.b"),
    (0x0000_102f, "amoadd.h"),
    (0x0000_402f, "amoadd.q"),
    (0x2800_202f, "amocas.w"),
    (0xf800_302f, "amo_11111"),
    // Neighbours of the system instructions
    (0x0000_00f3, "ecall_with_rd"),
    (0x0010_8073, "ebreak_with_rs1"),
    (0x1050_0073, "wfi"),
    (0x3020_0073, "mret"),
    (0x0000_4073, "csr_100"),
    // Floating point
    (0x0000_2007, "flw"),
    (0x0000_3027, "fsd"),
    (0x0000_0053, "fadd.s"),
];

/// Reserved code points of RV64C, and those of floating point.
#[rustfmt::skip]
const HALVES: [(u16, &str); 25] = [
    (0x0004, "c.addi4spn_x9_0"),
    (0x001c, "c.addi4spn_x15_0"),
    (0x2000, "c.fld"),
    (0x3c9c, "c.fld_x15"),
    (0x8000, "c_00_100"),
    (0x9c7c, "c_00_100_ones"),
    (0xa000, "c.fsd"),
    (0xbc9c, "c.fsd_x15"),
    (0x2001, "c.addiw_x0_0"),
    (0x2005, "c.addiw_x0_1"),
    (0x307d, "c.addiw_x0_-1"),
    (0x6001, "c.lui_x0_0"),
    (0x6081, "c.lui_x1_0"),
    (0x6101, "c.addi16sp_0"),
    (0x6f81, "c.lui_x31_0"),
    (0x9c41, "c_01_100_1_10"),
    (0x9fdd, "c_01_100_1_10_ones"),
    (0x9c61, "c_01_100_1_11"),
    (0x9ffd, "c_01_100_1_11_ones"),
    (0x2082, "c.fldsp"),
    (0x4002, "c.lwsp_x0"),
    (0x507e, "c.lwsp_x0_ones"),
    (0x6002, "c.ldsp_x0"),
    (0x8002, "c.jr_x0"),
    (0xa002, "c.fsdsp"),
];

pub(super) fn cases() -> Vec<Case> {
    let words = WORDS.into_iter().map(|(word, name)| {
        let cause = Cause::IllegalInstruction { word };
        case(format!("faults/illegal_{name}"), cause, |_| (), |code| code.extend(&word.to_le_bytes()))
    });
    // Every other one stands at an address that is no multiple of 4; what follows is told with it.
    let halves = HALVES.into_iter().enumerate().map(|(i, (half, name))| {
        let word = u32::from(half) | 0x0001 << 16; // c.nop
        let cause = Cause::IllegalInstruction { word };
        let before = |asm: &mut Asm| asm.raw(&[1, 0][..2 * (i % 2)]);
        case(format!("faults/illegal_{name}"), cause, before, |code| code.extend(&word.to_le_bytes()))
    });
    words.chain(halves).collect()
}
