//! What free text must not carry to another organisation by accident: postcodes, telephone numbers, e-mail addresses and
//! National Insurance numbers, also with spaces, dots or strokes in between. (S11)
//!
//! It finds what looks like one. Who sends the text decides, and is recorded.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;

words! {
    /// Something in a text that could tell who or where somebody is.
    Detail {
        Postcode = "postcode",
        Telephone = "telephone",
        Email = "email",
        NationalInsuranceNumber = "national_insurance_number",
    }
}

impl Detail {
    /// "a postcode".
    pub fn named(self) -> &'static str {
        match self {
            Self::Postcode => "a postcode",
            Self::Telephone => "a telephone number",
            Self::Email => "an e-mail address",
            Self::NationalInsuranceNumber => "a National Insurance number",
        }
    }
}

/// Where it stands: letters from `from` up to, and without, `until`, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Found {
    pub kind: Detail,
    pub from: usize,
    pub until: usize,
}

/// Everything in a text that looks like a personal detail, in its order.
pub fn scan(text: &str) -> Vec<Found> {
    let text: Vec<char> = text.chars().map(plain).collect();
    let mut found = emails(&text);
    for kind in [Detail::NationalInsuranceNumber, Detail::Telephone, Detail::Postcode] {
        let mut at = 0;
        while at < text.len() {
            let end = if word_begins(&text, at) { end_of(kind, &text, at) } else { None };
            match end {
                Some(until) if !found.iter().any(|known: &Found| known.from < until && at < known.until) => {
                    found.push(Found { kind, from: at, until });
                    at = until;
                }
                _ => at += 1,
            }
        }
    }
    found.sort_by_key(|one| one.from);
    found
}

/// What a text has of these, each kind once.
pub fn kinds(found: &[Found]) -> Vec<Detail> {
    let mut kinds: Vec<Detail> = found.iter().map(|one| one.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Letters that only look different, as some keyboards write them; strokes of every length.
fn plain(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' | '\n' | '\r' | '\t' => ' ',
        other => other,
    }
}

fn end_of(kind: Detail, text: &[char], at: usize) -> Option<usize> {
    match kind {
        Detail::NationalInsuranceNumber => pattern(text, at, "AA999999S", |_| 1),
        Detail::Telephone => telephone(text, at),
        Detail::Postcode => postcode(text, at),
        Detail::Email => None,
    }
}

fn word_begins(text: &[char], at: usize) -> bool {
    at == 0 || !text[at - 1].is_alphanumeric()
}

fn word_ends(text: &[char], at: usize) -> bool {
    text.get(at).is_none_or(|letter| !letter.is_alphanumeric())
}

fn separates(letter: char) -> bool {
    matches!(letter, ' ' | '.' | '-' | '/' | '_')
}

/// The end of letters of these classes that begin here and end with their word: `A` a letter, `9` a digit, `I` a letter of
/// the second half of a postcode, `S` the last of a National Insurance number. Before the one at `n`, there may be `gap(n)`
/// letters that separate.
fn pattern(text: &[char], at: usize, classes: &str, gap: impl Fn(usize) -> usize) -> Option<usize> {
    let mut here = at;
    for (n, class) in classes.chars().enumerate() {
        let mut allowed = if n == 0 { 0 } else { gap(n) };
        while allowed > 0 && text.get(here).is_some_and(|letter| separates(*letter)) {
            here += 1;
            allowed -= 1;
        }
        let letter = text.get(here)?.to_ascii_uppercase();
        let fits = match class {
            'A' => letter.is_ascii_uppercase(),
            '9' => letter.is_ascii_digit(),
            'I' => letter.is_ascii_uppercase() && !"CIKMOV".contains(letter),
            _ => ('A'..='D').contains(&letter),
        };
        if !fits {
            return None;
        }
        here += 1;
    }
    word_ends(text, here).then_some(here)
}

fn postcode(text: &[char], at: usize) -> Option<usize> {
    for outward in ["AA9A", "AA99", "AA9", "A9A", "A99", "A9"] {
        let classes = format!("{outward}9II");
        let halves = pattern(text, at, &classes, |n| if n == outward.len() { 3 } else { 0 });
        if let Some(end) = halves.filter(|end| !ordinal(&text[at..*end])) {
            return Some(end);
        }
        // "L E 1  2 A B": every letter for itself.
        let spread = pattern(text, at, &classes, |n| if n == outward.len() { 3 } else { 1 });
        let alone =
            |end: &usize| text[at..*end].iter().filter(|letter| separates(**letter)).count() >= outward.len() + 2;
        if let Some(end) = spread.filter(alone) {
            return Some(end);
        }
    }
    None
}

/// "E6 2nd floor" is none; "e6 2nd" and "E6 2ND" may be.
fn ordinal(text: &[char]) -> bool {
    let last: String = text[text.len() - 3..].iter().collect();
    let like = ["st", "nd", "rd", "th"].iter().any(|ending| last.ends_with(ending));
    like && text.iter().any(char::is_ascii_uppercase)
}

/// A run of digits, as it is broken up by what separates: where each group begins and ends.
fn groups(text: &[char], at: usize) -> Vec<(usize, usize)> {
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let mut here = at;
    loop {
        let begins = here;
        while text.get(here).is_some_and(char::is_ascii_digit) {
            here += 1;
        }
        if here == begins {
            return groups;
        }
        groups.push((begins, here));
        let mut between = 0;
        while between < 3 && text.get(here).is_some_and(|letter| separates(*letter) || "()".contains(*letter)) {
            here += 1;
            between += 1;
        }
    }
}

fn telephone(text: &[char], at: usize) -> Option<usize> {
    let plus = text[at] == '+' || (text[at] == '(' && text.get(at + 1) == Some(&'+'));
    let begins = if plus || text[at] == '(' { at + 1 + usize::from(plus && text[at] == '(') } else { at };
    let groups = groups(text, begins);
    if groups.is_empty() || in_a_date(text, &groups) || after_a_year(text, begins) {
        return None;
    }
    let mut digits = String::new();
    let mut longest = None;
    for (from, until) in &groups {
        digits.extend(&text[*from..*until]);
        let long_enough = match digits.as_bytes() {
            _ if plus => (8..=15).contains(&digits.len()),
            [b'0', b'0', b'4', b'4', ..] => (13..=15).contains(&digits.len()),
            [b'0', ..] => (10..=11).contains(&digits.len()),
            [b'4', b'4', ..] => digits.len() == 12,
            [b'7', ..] => digits.len() == 10 && groups.iter().all(|(from, until)| until - from > 2),
            _ => false,
        };
        if long_enough && word_ends(text, *until) {
            longest = Some(*until);
        }
    }
    longest
}

/// Whether a run begins with a date: "01/04/2026 09.30.00".
fn in_a_date(text: &[char], groups: &[(usize, usize)]) -> bool {
    let number = |n: usize| -> Option<(usize, u32)> {
        let (from, until) = groups.get(n)?;
        let digits: String = text[*from..*until].iter().collect();
        Some((digits.len(), digits.parse().ok()?))
    };
    let year = |part: Option<(usize, u32)>| matches!(part, Some((4, 1900..=2099)));
    let small =
        |part: Option<(usize, u32)>, most: u32| part.is_some_and(|(long, n)| long <= 2 && (1..=most).contains(&n));
    (small(number(0), 31) && small(number(1), 12) && year(number(2)))
        || (small(number(0), 12) && year(number(1)))
        || (year(number(0)) && small(number(1), 12) && small(number(2), 31))
}

/// Whether this is the month or the day of "2026-04-01".
fn after_a_year(text: &[char], at: usize) -> bool {
    let before: String = text[at.saturating_sub(8)..at].iter().collect();
    let digits: Vec<&str> =
        before.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let joined = before.chars().last().is_some_and(|letter| matches!(letter, '-' | '/' | '.'));
    joined && digits.iter().any(|part| part.len() == 4 && matches!(part.parse(), Ok(1900..=2099)))
}

fn emails(text: &[char]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for at in 0..text.len() {
        let Some(sign) = written(text, at, &["@"], "at") else { continue };
        let Some(until) = domain(text, skip(text, sign)) else { continue };
        let mut from = at;
        while from > 0 && at - from < 2 && text[from - 1] == ' ' {
            from -= 1;
        }
        let name_ends = from;
        while from > 0 && (text[from - 1].is_alphanumeric() || "._%+-'".contains(text[from - 1])) {
            from -= 1;
        }
        if from < name_ends {
            found.push(Found { kind: Detail::Email, from, until });
        }
    }
    found
}

/// The end of a sign, or of its name in brackets: "@", "(at)", "\[dot\]".
fn written(text: &[char], at: usize, signs: &[&str], name: &str) -> Option<usize> {
    let letter = *text.get(at)?;
    if signs.iter().any(|sign| sign.starts_with(letter)) {
        return Some(at + 1);
    }
    let end = at + name.len() + 2;
    let inside: String = text.get(at + 1..end - 1)?.iter().collect();
    ("([{".contains(letter)
        && inside.eq_ignore_ascii_case(name)
        && text.get(end - 1).is_some_and(|l| ")]}".contains(*l)))
    .then_some(end)
}

fn skip(text: &[char], at: usize) -> usize {
    at + text[at.min(text.len())..].iter().take(2).take_while(|letter| **letter == ' ').count()
}

/// The end of "example.org", "example . org", "example (dot) org"; "home. Then" is none.
fn domain(text: &[char], at: usize) -> Option<usize> {
    let label =
        |at: usize| at + text[at.min(text.len())..].iter().take_while(|l| l.is_alphanumeric() || **l == '-').count();
    let (mut end, mut last, mut whole) = (label(at), at, None);
    if end == at {
        return None;
    }
    loop {
        let spaced = skip(text, end);
        let Some(dot) = written(text, spaced, &["."], "dot") else { return whole };
        let next = skip(text, dot);
        if (spaced > end) != (next > dot) && dot == spaced + 1 {
            return whole;
        }
        last = next.max(last);
        end = label(next);
        if end == next {
            return whole;
        }
        if text[last..end].iter().all(|letter| letter.is_alphabetic()) && end - last >= 2 {
            whole = Some(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn found(text: &str) -> Vec<(Detail, String)> {
        let letters: Vec<char> = text.chars().collect();
        scan(text).into_iter().map(|one| (one.kind, letters[one.from..one.until].iter().collect())).collect()
    }

    /// S11
    #[rstest]
    #[case("lives at LE1 2AB now", Detail::Postcode, "LE1 2AB")]
    #[case("le12ab", Detail::Postcode, "le12ab")]
    #[case("near SW1A-1AA.", Detail::Postcode, "SW1A-1AA")]
    #[case("W1A.0AX", Detail::Postcode, "W1A.0AX")]
    #[case("M1 1AE", Detail::Postcode, "M1 1AE")]
    #[case("it is L E 1  2 A B", Detail::Postcode, "L E 1  2 A B")]
    #[case("L.E.1.2.A.B", Detail::Postcode, "L.E.1.2.A.B")]
    #[case("EC1A\u{a0}1BB", Detail::Postcode, "EC1A\u{a0}1BB")]
    #[case("ＬＥ１ ２ＡＢ", Detail::Postcode, "ＬＥ１ ２ＡＢ")]
    #[case("e6 2nd", Detail::Postcode, "e6 2nd")]
    #[case("ring 07700 900417 after 9", Detail::Telephone, "07700 900417")]
    #[case("07700900417", Detail::Telephone, "07700900417")]
    #[case("0116 254 0000 2 children", Detail::Telephone, "0116 254 0000")]
    #[case("0116.254.0000", Detail::Telephone, "0116.254.0000")]
    #[case("(0116) 254-0000", Detail::Telephone, "(0116) 254-0000")]
    #[case("+44 (0)7700 900 417", Detail::Telephone, "+44 (0)7700 900 417")]
    #[case("0044 7700 900417", Detail::Telephone, "0044 7700 900417")]
    #[case("447700900417", Detail::Telephone, "447700900417")]
    #[case("7700 900417", Detail::Telephone, "7700 900417")]
    #[case("0 7 7 0 0 9 0 0 4 1 7", Detail::Telephone, "0 7 7 0 0 9 0 0 4 1 7")]
    #[case("+48 22 123 45 67", Detail::Telephone, "+48 22 123 45 67")]
    #[case("2 07700 900417", Detail::Telephone, "07700 900417")]
    #[case("write to a.b@example.org please", Detail::Email, "a.b@example.org")]
    #[case("a.b @ example . org", Detail::Email, "a.b @ example . org")]
    #[case("ann (at) example (dot) co (dot) uk", Detail::Email, "ann (at) example (dot) co (dot) uk")]
    #[case("QQ123456C", Detail::NationalInsuranceNumber, "QQ123456C")]
    #[case("ni qq 12 34 56 c.", Detail::NationalInsuranceNumber, "qq 12 34 56 c")]
    #[case("AB-12-34-56-D", Detail::NationalInsuranceNumber, "AB-12-34-56-D")]
    fn s11_what_could_find_somebody_is_found(#[case] text: &str, #[case] kind: Detail, #[case] there: &str) {
        assert_eq!(found(text), [(kind, there.to_owned())]);
    }

    /// S11
    #[rstest]
    #[case("2 children aged 4 and 6")]
    #[case("E6 ward, bed 12")]
    #[case("E6 2nd floor")]
    #[case("Needs a cot from 01/04/2026 09.30.00")]
    #[case("expected 2026-04-01 10.30")]
    #[case("on 01 04 2026 09 30")]
    #[case("case C-7K4M-P2XD and R-2345-6789")]
    #[case("three of 10 or 11, 12, 13 and 14")]
    #[case("paid 3 @ 4.50 each")]
    #[case("meet me @ home. Then we go")]
    #[case("section 17(10) of the Act 1989")]
    #[case("A1 2 beds, B12 flat")]
    #[case("Arrives 5pm, leaves 7am; GSS E06000016")]
    #[case("£1,250.00 rent, reference 123456")]
    #[case("")]
    #[case("+")]
    #[case("@")]
    #[case("0")]
    fn s11_what_only_looks_like_it_is_left_alone(#[case] text: &str) {
        assert_eq!(found(text), []);
    }

    #[test]
    fn several_are_told_in_their_order_and_each_kind_once() {
        let all = scan("LE1 2AB, 07700 900417, LE1 2AD");
        assert_eq!(all.iter().map(|one| one.from).collect::<Vec<_>>(), [0, 9, 23]);
        assert_eq!(kinds(&all), [Detail::Postcode, Detail::Telephone]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in ".{0,60}") {
            for one in scan(&text) {
                assert!(one.from < one.until && one.until <= text.chars().count());
            }
        }

        /// S11
        #[test]
        fn s11_a_number_is_found_wherever_it_stands(before in "[a-z ]{0,20}", after in "[a-z ,]{0,20}") {
            let text = format!("{before} 07700 900417 {after}");
            assert!(kinds(&scan(&text)).contains(&Detail::Telephone), "{text}");
        }
    }
}
