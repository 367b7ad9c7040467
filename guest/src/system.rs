//! System calls: `ecall` with the number in a7, arguments from a0 on, the result in a0.

#[cfg(all(target_arch = "riscv64", target_os = "none"))]
mod machine {
    use core::arch::asm;

    const WRITE: usize = 64;
    const EXIT: usize = 93;

    /// Ends the program. All 64 bits of `code` are part of the statement that is proved; 0 means success.
    pub fn exit(code: u64) -> ! {
        // SAFETY: the call has no other effect than to end the program and does not return.
        unsafe { asm!("ecall", in("a7") EXIT, in("a0") code, options(noreturn, nostack)) }
    }

    /// Shows `bytes` on console `fd`, 1 or 2. No part of the statement, and it never fails.
    pub fn write(fd: usize, bytes: &[u8]) {
        // SAFETY: the machine reads `bytes.len()` bytes from the pointer, which the slice vouches for, writes no
        // memory and changes no register but a0.
        unsafe {
            asm!(
                "ecall",
                in("a7") WRITE,
                inlateout("a0") fd => _,
                in("a1") bytes.as_ptr(),
                in("a2") bytes.len(),
                options(nostack, readonly, preserves_flags)
            );
        }
    }
}

#[cfg(not(all(target_arch = "riscv64", target_os = "none")))]
mod machine {
    /// Ends the program. All 64 bits of `code` are part of the statement that is proved; 0 means success.
    pub fn exit(code: u64) -> ! {
        panic!("exit({code}) is a system call of the machine");
    }

    /// Shows `bytes` on console `fd`, 1 or 2. No part of the statement, and it never fails.
    pub fn write(fd: usize, bytes: &[u8]) {
        panic!("write({fd}, {} bytes) is a system call of the machine", bytes.len());
    }
}

pub use machine::{exit, write};
