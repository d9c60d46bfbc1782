//! What people read to each other and write to each other: references, codes, names, notes, and kept ends of the audit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use safehold::audit::Head;
use safehold::domain::repeat::{folded, sound, telephone};
use safehold::domain::scan::scan;
use safehold::ids::{is_reference, read_code};

fuzz_target!(|text: &str| {
    if is_reference(text) {
        let parts: Vec<&str> = text.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [1, 4, 4], "{text}");
        assert!(parts.concat().bytes().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit()), "{text}");
    }
    if let Some(code) = read_code(text) {
        assert_eq!(read_code(&code).as_ref(), Some(&code), "{text}");
    }
    // However a name is written, it is folded once and for all.
    assert_eq!(folded(&folded(text)), folded(text), "{text}");
    let _ = (sound(text), telephone(text), Head::read(text));
    for found in scan(text) {
        assert!(found.from < found.until && found.until <= text.chars().count(), "{text}");
    }
});
