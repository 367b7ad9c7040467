//! A loop over registers: no memory, no calls, no multiplication.

/// Two chains of dependent operations that meet once in a step; their sums of shifts have no closed form.
#[inline(never)]
pub fn register_loop(steps: u64) -> u64 {
    let (mut a, mut b) = (0x9e37_79b9_7f4a_7c15u64, 0xd1b5_4a32_d192_ed03u64);
    let (mut c, mut d) = (0x2545_f491_4f6c_dd1du64, 0x1405_7b7e_f767_814fu64);
    for step in 0..steps {
        a = a.wrapping_add(b >> 11);
        b ^= a << 7;
        c = c.wrapping_sub(d >> 5);
        d ^= c << 9;
        a ^= step & c;
        c = c.wrapping_add(u64::from(b < d));
        b = b.wrapping_add(d | step);
        d = d.wrapping_add(a);
        // 32-bit operations sign-extend on one side and zero-extend on the other.
        b ^= (a as i32).wrapping_add(c as i32) as u64;
    }
    a ^ b.wrapping_add(c ^ d)
}
