//! Input: a seed of 32 bytes. Output: 64 bytes that the crate `getrandom` gives, the same for the same seed. Without a seed
//! there are none, and the program ends with an error.

#![no_std]
#![no_main]

guest::entry!(main);

fn main() -> Result<(), getrandom::Error> {
    if let Ok(seed) = guest::read_input().try_into() {
        guest::seed_random(seed);
    }
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes)?;
    guest::write_output(&bytes);
    Ok(())
}
