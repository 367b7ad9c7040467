//! `workloads::SHA256` as a guest.

#![no_std]
#![no_main]

guest::entry!(main);

fn main() {
    guest::write_output(&workloads::SHA256.answer(guest::read_input()));
}
