//! Accesses that the host refuses: the signal becomes an exit of the generated code.

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;

/// Generated code that runs on this thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Running {
    /// Its first address.
    pub start: u64,
    /// The address behind it.
    pub end: u64,
    /// Where to go on after a refused access, with the refused instruction's offset from `start` in rcx.
    pub refused: u64,
}

thread_local! {
    static RUNNING: Cell<Running> = const { Cell::new(Running { start: 0, end: 0, refused: 0 }) };
}

struct Old(libc::sigaction);

static OLD: OnceLock<Old> = OnceLock::new();

/// Runs `body`, during which this thread's signals from the given code are exits of it.
pub fn guarded<T>(running: Running, body: impl FnOnce() -> T) -> T {
    install();
    let before = RUNNING.replace(running);
    let result = body();
    RUNNING.set(before);
    result
}

fn install() {
    OLD.get_or_init(|| {
        let mut old = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: an all-zero sigaction is a valid one: no flags, an empty mask.
        let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
        action.sa_sigaction = handle as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        // SAFETY: both point to valid structs; `handle` has the signature that SA_SIGINFO asks for and only does what
        // a signal handler may. `old` is initialised, if not by the call then by zeros.
        Old(unsafe {
            libc::sigaction(libc::SIGSEGV, &action, old.as_mut_ptr());
            old.assume_init()
        })
    });
}

extern "C" fn handle(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid ucontext, which is ours alone until the handler returns.
    let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    let at = registers[libc::REG_RIP as usize] as u64;
    let running = RUNNING.get();
    if (running.start..running.end).contains(&at) {
        registers[libc::REG_RCX as usize] = (at - running.start) as i64;
        registers[libc::REG_RIP as usize] = running.refused as i64;
        return;
    }
    pass_on(signal, info, context);
}

/// What is no access of ours goes to the handler before ours, or ends the process.
fn pass_on(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let old = OLD.get().map(|old| old.0);
    match old {
        Some(old) if old.sa_flags & libc::SA_SIGINFO != 0 => {
            // SAFETY: a handler with SA_SIGINFO has this signature and expects these arguments.
            unsafe {
                let old: extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) =
                    std::mem::transmute(old.sa_sigaction);
                old(signal, info, context);
            }
        }
        _ => {
            // SAFETY: resets the signal to its default, which the repeated instruction then meets.
            unsafe {
                let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
                action.sa_sigaction = libc::SIG_DFL;
                libc::sigaction(signal, &action, ptr::null_mut());
            }
        }
    }
}
