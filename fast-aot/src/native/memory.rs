//! Accesses that the runtime makes for single instructions, with the causes of faults that the reference has.

use spec_interp::Cause;

use super::region::{Region, is_writable};

const fn width_mask(width: u64) -> u64 {
    u64::MAX >> (64 - 8 * width)
}

/// Reads `width` bytes at any address, zero-extended.
pub fn load(region: &Region, addr: u64, width: u64) -> Result<u64, Cause> {
    let (base, shift) = (addr & !7, (addr & 7) * 8);
    let word = |at| region.word(at).ok_or(Cause::LoadAccess { addr });
    let mut value = word(base)? >> shift;
    if shift + width * 8 > 64 {
        value |= word(base.wrapping_add(8))? << (64 - shift);
    }
    Ok(value & width_mask(width))
}

/// Writes the low `width` bytes of `value` at any address, or nothing.
pub fn store(region: &mut Region, addr: u64, width: u64, value: u64) -> Result<(), Cause> {
    let (base, shift) = (addr & !7, (addr & 7) * 8);
    let (mask, value) = (width_mask(width), value & width_mask(width));
    let above = base.wrapping_add(8);
    let crosses = shift + width * 8 > 64;
    for at in [base, above].into_iter().take(1 + usize::from(crosses)) {
        if !is_writable(at) {
            return Err(refusal(region, addr, at));
        }
    }
    merge(region, addr, base, mask << shift, value << shift)?;
    if crosses {
        merge(region, addr, above, mask >> (64 - shift), value >> (64 - shift))?;
    }
    Ok(())
}

/// Replaces `width` bytes at a naturally aligned address by what `new` makes of them; returns the old ones.
pub fn update(region: &mut Region, addr: u64, width: u64, new: impl FnOnce(u64) -> u64) -> Result<u64, Cause> {
    if !addr.is_multiple_of(width) {
        return Err(Cause::MisalignedAtomic { addr });
    }
    if !is_writable(addr & !7) {
        return Err(refusal(region, addr, addr & !7));
    }
    let old = load(region, addr, width)?;
    store(region, addr, width, new(old))?;
    Ok(old)
}

fn merge(region: &mut Region, addr: u64, base: u64, mask: u64, value: u64) -> Result<(), Cause> {
    let old = region.word(base).ok_or(Cause::StoreAccess { addr })?;
    if region.set_word(base, old & !mask | value) { Ok(()) } else { Err(Cause::StoreAccess { addr }) }
}

fn refusal(region: &Region, addr: u64, at: u64) -> Cause {
    match region.word(at) {
        Some(_) => Cause::StoreReadOnly { addr },
        None => Cause::StoreAccess { addr },
    }
}
