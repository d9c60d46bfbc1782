//! Whether two cases may be about the same person: what of an identity is compared, and what it means when it is alike.
//!
//! What is compared here in plain is kept only as digests under a key of the organisation's own. (S10)

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::identity::Identity;
use super::words;

words! {
    /// What of a person is compared.
    Kind {
        NameAndBirth = "name_and_birth",
        /// How the name sounds, and the day.
        SoundAndBirth = "sound_and_birth",
        /// The same with a day in which two digits are swapped.
        SoundNearBirth = "sound_near_birth",
        Telephone = "telephone",
    }
}

words! {
    /// Why two cases may be about the same person.
    Why {
        SameNameAndBirth = "same_name_and_birth",
        SimilarNameSameBirth = "similar_name_same_birth",
        SimilarNameNearBirth = "similar_name_near_birth",
        SameTelephone = "same_telephone",
    }
}

/// One thing that is compared, in plain.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trait {
    pub kind: Kind,
    pub value: String,
}

impl Kind {
    /// Under what its digest is made: a day and a day that is near it are compared with each other.
    pub fn label(self) -> &'static str {
        match self {
            Self::NameAndBirth => "name",
            Self::SoundAndBirth | Self::SoundNearBirth => "sound",
            Self::Telephone => "telephone",
        }
    }

    /// What it means that this is like one of another case.
    pub fn like(self, other: Self) -> Option<Why> {
        match (self, other) {
            (Self::NameAndBirth, Self::NameAndBirth) => Some(Why::SameNameAndBirth),
            (Self::SoundAndBirth, Self::SoundAndBirth) => Some(Why::SimilarNameSameBirth),
            (Self::SoundAndBirth, Self::SoundNearBirth) | (Self::SoundNearBirth, Self::SoundAndBirth) => {
                Some(Why::SimilarNameNearBirth)
            }
            (Self::Telephone, Self::Telephone) => Some(Why::SameTelephone),
            _ => None,
        }
    }
}

/// Why, without what follows from a stronger reason.
pub fn strongest(mut why: BTreeSet<Why>) -> Vec<Why> {
    if why.contains(&Why::SameNameAndBirth) {
        why.remove(&Why::SimilarNameSameBirth);
    }
    if why.contains(&Why::SameNameAndBirth) || why.contains(&Why::SimilarNameSameBirth) {
        why.remove(&Why::SimilarNameNearBirth);
    }
    why.into_iter().collect()
}

/// Everything of an identity that is compared. A name without a day of birth tells too little.
pub fn traits(identity: &Identity) -> BTreeSet<Trait> {
    let mut traits = BTreeSet::new();
    for person in &identity.people {
        let Some(born) = person.date_of_birth else { continue };
        let (name, sound) = (folded(&person.name), sound(&person.name));
        if name.is_empty() {
            continue;
        }
        traits.insert(Trait { kind: Kind::NameAndBirth, value: format!("{name}/{born}") });
        traits.insert(Trait { kind: Kind::SoundAndBirth, value: format!("{sound}/{born}") });
        for near in near(born) {
            traits.insert(Trait { kind: Kind::SoundNearBirth, value: format!("{sound}/{near}") });
        }
    }
    let telephone = identity.safe_contact.telephone.as_deref().and_then(telephone);
    traits.extend(telephone.map(|value| Trait { kind: Kind::Telephone, value }));
    traits
}

/// A name without accents, capital letters, titles and punctuation, its parts in the order of the alphabet.
pub fn folded(name: &str) -> String {
    let mut parts = parts(name);
    parts.sort_unstable();
    parts.join(" ")
}

/// How a name sounds, roughly: spellings that are mixed up, and that come from other scripts in several ways, fall
/// together. Vowels count only as a beginning. Too much falling together is no harm: it is only ever asked with a day.
pub fn sound(name: &str) -> String {
    let all = parts(name);
    let names: Vec<&String> = all.iter().filter(|part| !PARTICLES.contains(&part.as_str())).collect();
    let mut sounds: Vec<String> = if names.is_empty() {
        all.iter().map(|part| sounds(part)).collect()
    } else {
        names.into_iter().map(|part| sounds(part)).collect()
    };
    sounds.sort_unstable();
    sounds.join(" ")
}

const TITLES: &[&str] = &["mr", "mrs", "ms", "miss", "mx", "dr"];
/// Small words of a name that are written one day and left out the next.
const PARTICLES: &[&str] =
    &["al", "el", "bin", "ibn", "bint", "de", "da", "del", "della", "dos", "van", "von", "der", "ul", "ur"];

fn parts(name: &str) -> Vec<String> {
    let plain: String = name
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter) && !['\'', '’', '‘', 'ʼ', '`'].contains(letter))
        .flat_map(char::to_lowercase)
        .collect();
    let plain = [
        ("ß", "ss"),
        ("æ", "ae"),
        ("œ", "oe"),
        ("ø", "o"),
        ("ł", "l"),
        ("đ", "d"),
        ("ð", "d"),
        ("þ", "th"),
        ("ı", "i"),
    ]
    .iter()
    .fold(plain, |text, (letter, other)| text.replace(letter, other));
    let parts = plain.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
    let all: Vec<String> = parts.map(str::to_owned).collect();
    let named: Vec<String> = all.iter().filter(|part| !TITLES.contains(&part.as_str())).cloned().collect();
    if named.is_empty() { all } else { named }
}

/// Spellings that sound the same, in the order in which they are looked for.
const SPELLINGS: &[(&str, &str)] = &[
    ("sch", "s"),
    ("tsch", "s"),
    ("ph", "f"),
    ("kh", "k"),
    ("ck", "k"),
    ("sh", "s"),
    ("ch", "k"),
    ("cz", "s"),
    ("sz", "s"),
    ("zh", "s"),
    ("ts", "s"),
    ("dh", "d"),
    ("th", "t"),
    ("wh", "f"),
    ("gh", "h"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "si"),
    ("ge", "je"),
    ("gi", "ji"),
    ("dj", "j"),
    ("qu", "k"),
    ("x", "ks"),
    ("q", "k"),
    ("c", "k"),
    ("z", "s"),
    ("v", "f"),
    ("w", "f"),
];

fn sounds(part: &str) -> String {
    let text = SPELLINGS.iter().fold(part.to_owned(), |text, (spelt, said)| text.replace(spelt, said));
    let mut heard = String::new();
    for (n, letter) in text.chars().enumerate() {
        let said = match letter {
            'a' | 'e' | 'i' | 'o' | 'u' if n == 0 => 'a',
            'a' | 'e' | 'i' | 'o' | 'u' => continue,
            'y' | 'h' if n > 0 => continue,
            other => other,
        };
        if !heard.ends_with(said) {
            heard.push(said);
        }
    }
    heard
}

/// The digits of a telephone number as it is dialled at home; `None` when there are too few of them.
pub fn telephone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let abroad =
        digits.strip_prefix("0044").or_else(|| text.trim_start().strip_prefix('+').and(digits.strip_prefix("44")));
    let digits = match abroad {
        Some(rest) => format!("0{}", rest.trim_start_matches('0')),
        None => digits,
    };
    (digits.len() >= 9).then_some(digits)
}

/// The days that a slip makes of a day: two neighbouring digits swapped, or day and month.
pub fn near(day: NaiveDate) -> BTreeSet<NaiveDate> {
    let digits = day.format("%Y%m%d").to_string().into_bytes();
    let mut near: BTreeSet<NaiveDate> = (0..digits.len() - 1)
        .filter_map(|n| {
            let mut slip = digits.clone();
            slip.swap(n, n + 1);
            NaiveDate::parse_from_str(std::str::from_utf8(&slip).ok()?, "%Y%m%d").ok()
        })
        .collect();
    near.extend(NaiveDate::from_ymd_opt(day.year(), day.day(), day.month()));
    near.remove(&day);
    near.retain(|near| (1900..=2999).contains(&near.year()));
    near
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::domain::identity::{Person, SafeContact};

    fn identity(name: &str, born: &str, telephone: &str) -> Identity {
        let people = vec![Person { name: name.into(), date_of_birth: born.parse().ok() }];
        let telephone = Some(telephone.to_owned()).filter(|text| !text.is_empty());
        Identity { people, safe_contact: SafeContact { telephone, ..SafeContact::default() } }
    }

    fn why(one: &Identity, other: &Identity) -> Vec<Why> {
        let (one, other) = (traits(one), traits(other));
        let alike = one.iter().flat_map(|mine| {
            let same =
                other.iter().filter(|theirs| theirs.kind.label() == mine.kind.label() && theirs.value == mine.value);
            same.filter_map(|theirs| mine.kind.like(theirs.kind))
        });
        strongest(alike.collect())
    }

    /// S10
    #[rstest]
    #[case::capitals("AMINA KHAN", "amina khan")]
    #[case::order("Khan, Amina", "Amina Khan")]
    #[case::accents("Zoë Núñez", "Zoe Nunez")]
    #[case::more_accents("Łucja Żółć", "Lucja Zolc")]
    #[case::composed("Zoe\u{308}", "Zo\u{eb}")]
    #[case::spaces("  Amina   Khan ", "Amina Khan")]
    #[case::punctuation("Siân O'Brien-Jones", "Sian OBrien Jones")]
    #[case::title("Mrs Amina Khan", "Amina Khan")]
    fn s10_the_same_name_is_folded_alike(#[case] one: &str, #[case] other: &str) {
        assert_eq!(folded(one), folded(other));
        assert_eq!(why(&identity(one, "1991-05-04", ""), &identity(other, "1991-05-04", "")), [Why::SameNameAndBirth]);
    }

    /// S10
    #[rstest]
    #[case("Mohammed", "Muhammad")]
    #[case("Mohamed", "Mohammad")]
    #[case("Stephen", "Steven")]
    #[case("Philippa", "Filipa")]
    #[case("Catherine", "Kathryn")]
    #[case("Yusuf", "Youssef")]
    #[case("Aisha", "Ayesha")]
    #[case("Zainab", "Zeynab")]
    #[case("Hussain", "Hossein")]
    #[case("Fatima", "Fatemah")]
    #[case("Oksana", "Oxana")]
    #[case("Sara", "Sarah")]
    #[case("Anne", "Anna")]
    #[case("Cecily", "Sesily")]
    #[case("Nadia al-Hassan", "Nadya Hasan")]
    #[case("Agnieszka Wiśniewska", "Agnieshka Vishnevska")]
    #[case("Geoffrey", "Jeffrey")]
    fn s10_spellings_of_one_name_sound_alike(#[case] one: &str, #[case] other: &str) {
        assert_eq!(sound(one), sound(other));
        let (one, other) = (identity(one, "1991-05-04", ""), identity(other, "1991-05-04", ""));
        assert_eq!(why(&one, &other), [Why::SimilarNameSameBirth]);
    }

    #[rstest]
    #[case("Amina", "Jane")]
    #[case("Mary Smith", "Mary Jones")]
    #[case("Sara", "Zara Ali")]
    #[case("Mohammed", "Mehmet")]
    #[case("李娜", "王芳")]
    fn other_names_do_not_sound_alike(#[case] one: &str, #[case] other: &str) {
        assert!(why(&identity(one, "1991-05-04", ""), &identity(other, "1991-05-04", "")).is_empty());
    }

    /// S10
    #[rstest]
    #[case::day_and_month("1991-04-05", &[Why::SimilarNameNearBirth])]
    #[case::two_digits("1919-05-04", &[Why::SimilarNameNearBirth])]
    #[case::in_the_day("1991-05-40", &[])]
    #[case::another_year("1992-05-04", &[])]
    #[case::not_known("", &[])]
    fn s10_a_day_may_differ_by_a_swap(#[case] born: &str, #[case] expected: &[Why]) {
        assert_eq!(why(&identity("Amina Khan", "1991-05-04", ""), &identity("Aminah Khan", born, "")), expected);
    }

    /// S10
    #[rstest]
    #[case("07700 900417", "+44 (0)7700 900-417", true)]
    #[case("0044 7700 900417", "07700900417", true)]
    #[case("07700 900417", "07700 900418", false)]
    #[case("999", "999", false)]
    fn s10_a_telephone_is_its_digits(#[case] one: &str, #[case] other: &str, #[case] same: bool) {
        let found = why(&identity("Ann", "", one), &identity("Jane", "", other));
        assert_eq!(found, if same { vec![Why::SameTelephone] } else { vec![] });
    }

    proptest! {
        /// S10
        #[test]
        fn s10_order_capitals_and_spaces_do_not_matter(names in proptest::collection::vec("[a-zàéïôüñçşğ]{1,8}", 1..4), turn in 0..4_usize) {
            let plain = names.join(" ");
            let mut turned = names.clone();
            turned.rotate_left(turn % names.len());
            let written = turned.join("  ").to_uppercase();
            prop_assert_eq!(folded(&plain), folded(&written));
            prop_assert_eq!(sound(&plain), sound(&written));
        }

        #[test]
        fn near_is_near_both_ways(days in 0..60_000_i64) {
            let day = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::TimeDelta::days(days);
            for other in near(day) {
                prop_assert!(near(other).contains(&day), "{} {}", day, other);
            }
        }
    }
}
