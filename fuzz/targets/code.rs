//! What people read to each other: references and codes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use safehold::ids::is_reference;

fuzz_target!(|text: &str| {
    if is_reference(text) {
        let parts: Vec<&str> = text.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [1, 4, 4], "{text}");
        assert!(parts.concat().bytes().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit()), "{text}");
    }
});
