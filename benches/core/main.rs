//! `cargo bench --bench core`: what the parts cost that need no network, one by
//! one, so that a regression shows where it is. An argument picks benches by name.
//!
//! These are times of this machine, to be compared on it before and after a
//! change; what must not grow unseen is counted by `cargo bench --bench instructions`.

mod lists;
mod parsing;
mod rows;
mod schedule;
mod virtual_time;

/// The program's own: what is allocated costs here what it costs there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}
