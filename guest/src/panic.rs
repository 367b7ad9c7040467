//! A panic shows its message on the console and ends the program with the exit code [`crate::PANICKED`].

use core::panic::PanicInfo;

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    crate::eprintln!("{info}");
    crate::exit(crate::PANICKED)
}
