//! What people read to each other: references and codes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use safehold::ids::is_reference;

fuzz_target!(|text: &str| {
    if is_reference(text) {
        let said: Vec<char> = text.chars().filter(|letter| *letter != '-').collect();
        assert!(said.len() == 9 && said.iter().all(|letter| letter.is_ascii_alphanumeric()), "{text}");
    }
});
