//! libFuzzer's way to a target.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| urlcheck_fuzz::resume::resume(data));
