//! A name and an address that exist nowhere else: wherever they turn up unsealed, a real one would have too. (S4)

use std::io::Read;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD as BASE64, BASE64_URL_SAFE_NO_PAD as BASE64_URL};

use crate::error::AppError;
use crate::ids::random;

/// The words of one run: long enough that no chance makes them.
pub struct Canaries {
    first: String,
    last: String,
    street: String,
    /// Every form in which they are looked for.
    forms: Vec<String>,
}

impl Canaries {
    pub fn new() -> Self {
        let [first, last, street] = [word(), word(), word()];
        let mut forms = Vec::new();
        for word in [&first, &last, &street] {
            forms.extend([word.clone(), word.to_lowercase(), word.to_uppercase()]);
            for text in [word.clone(), word.to_lowercase(), word.to_uppercase()] {
                forms.push(text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")));
                forms.push(text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02X}")));
            }
            // In base64 a word looks otherwise by where it begins; its ends depend on what is beside it.
            for shift in 0..3 {
                let padded = [&b"\0\0"[..shift], word.as_bytes()].concat();
                for encoded in [BASE64.encode(&padded), BASE64_URL.encode(&padded)] {
                    let begin = (shift * 8).div_ceil(6);
                    let end = padded.len() * 8 / 6;
                    forms.push(encoded[begin..end].to_owned());
                }
            }
        }
        forms.sort();
        forms.dedup();
        Self { first, last, street, forms }
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    pub fn street(&self) -> String {
        format!("1 {} Passage", self.street)
    }

    /// Every form of every word, for a database to look for by itself.
    pub fn forms(&self) -> &[String] {
        &self.forms
    }

    /// Whether any form of any word stands there.
    pub fn in_bytes(&self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        self.forms.iter().any(|form| text.contains(form.as_str())) || self.in_any_case(&text)
    }

    fn in_any_case(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        [&self.first, &self.last, &self.street].iter().any(|word| text.contains(&word.to_lowercase()))
    }

    /// The same of something long: it is read in pieces that overlap. Gives back its length too.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn in_stream(&self, mut from: impl Read) -> Result<(bool, u64), AppError> {
        const PIECE: usize = 1 << 20;
        let overlap = self.forms.iter().map(String::len).max().unwrap_or_default();
        let (mut piece, mut begun, mut length) = (vec![0; PIECE + overlap], 0, 0);
        loop {
            let read = from.read(&mut piece[begun..]).map_err(AppError::internal)?;
            if read == 0 {
                return Ok((self.in_bytes(&piece[..begun]), length));
            }
            (begun, length) = (begun + read, length + read as u64);
            if begun == piece.len() {
                if self.in_bytes(&piece) {
                    return Ok((true, length));
                }
                piece.copy_within(begun - overlap.., 0);
                begun = overlap;
            }
        }
    }
}

/// Fourteen letters that read like a name.
fn word() -> String {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aeou";
    let pairs = random::<14>();
    let letters = pairs.iter().enumerate().map(|(n, byte)| {
        let letter = if n % 2 == 0 { CONSONANTS[usize::from(byte % 16)] } else { VOWELS[usize::from(byte % 4)] };
        char::from(if n == 0 { letter.to_ascii_uppercase() } else { letter })
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S4
    #[test]
    fn s04_a_canary_is_found_in_every_form_and_across_pieces() {
        let canaries = Canaries::new();
        let name = canaries.name();
        for spelled in [name.clone(), name.to_lowercase(), name.to_uppercase()] {
            assert!(canaries.in_bytes(format!("x{spelled}y").as_bytes()), "{spelled}");
        }
        let hex = name.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        assert!(canaries.in_bytes(hex.as_bytes()));
        for before in ["", "a", "ab", "abc"] {
            let encoded = BASE64.encode(format!("{before}{name} and more"));
            assert!(canaries.in_bytes(encoded.as_bytes()), "{encoded}");
        }
        assert!(!canaries.in_bytes(Canaries::new().name().as_bytes()));
        for before in [(1 << 20) - 3, (1 << 20) + 40, 5] {
            let mut long = vec![b'.'; before];
            long.extend(name.as_bytes());
            long.extend([b'.'; 99]);
            assert!(canaries.in_stream(&long[..]).unwrap().0, "{before}");
        }
        let silent = vec![b'.'; (3 << 20) + 7];
        assert_eq!(canaries.in_stream(&silent[..]).unwrap(), (false, (3 << 20) + 7));
    }
}
