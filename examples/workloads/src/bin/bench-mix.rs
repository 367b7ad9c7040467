//! `workloads::MIX` as a guest.

#![no_std]
#![no_main]

guest::entry!(main);

fn main() {
    guest::write_output(&workloads::MIX.answer(guest::read_input()));
}
