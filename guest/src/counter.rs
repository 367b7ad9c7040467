//! The counter of instructions, by which a program measures itself.

/// Instructions that the program retired before it reads the counter here: `rdinstret`. The machine has no clock, so
/// that `rdcycle` is the same number.
///
/// Two calls differ by the instructions from the one reading to the other. Loads and stores stay on their side of a
/// call; the compiler may move arithmetic across it.
///
/// # Panics
///
/// On another computer than the machine.
#[inline]
pub fn cycles() -> u64 {
    #[cfg(all(target_arch = "riscv64", target_os = "none"))]
    {
        let retired;
        // SAFETY: reading a counter changes nothing. Without `nomem`, so that the compiler keeps memory in order.
        unsafe { core::arch::asm!("rdinstret {}", out(reg) retired, options(nostack, preserves_flags)) };
        retired
    }
    #[cfg(not(all(target_arch = "riscv64", target_os = "none")))]
    panic!("the counter of instructions exists on the machine only")
}

#[cfg(test)]
mod tests {
    #[test]
    #[should_panic(expected = "on the machine only")]
    fn another_computer_has_no_counter() {
        super::cycles();
    }
}
