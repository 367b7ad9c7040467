//! `workloads::QUICKSORT` as a guest.

#![no_std]
#![no_main]

guest::entry!(main);

fn main() {
    guest::write_output(&workloads::QUICKSORT.answer(guest::read_input()));
}
