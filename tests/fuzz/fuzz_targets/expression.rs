#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fushan_suite::hostile::expression(data);
});
