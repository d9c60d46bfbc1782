//! What somebody did to see who a household is, or where, in words for staff and in words for the survivor.

/// In words for the people of the service: what they did.
pub fn told(action: &str, service: Option<&str>) -> String {
    match (action, service) {
        ("identity.disclosed", _) => "Saw the names and the safe contact details".into(),
        ("address.disclosed", _) => "Saw the address of the home".into(),
        ("note.read", _) => "Read the notes of the referral".into(),
        ("referral.sent", Some(service)) => format!("Sent a referral to {service}: who needs a place, without names"),
        ("referral.sent", None) => "Sent a referral: who needs a place, without names".into(),
        ("refused.not_found" | "refused.forbidden", _) => "Tried to look, and was not let in".into(),
        (other, _) => sentence(other),
    }
}

/// In words for the survivor, after "They": no name of anybody, no place.
pub fn told_plainly(action: &str) -> String {
    match action {
        "identity.disclosed" => "They saw your name and how to reach you safely.".into(),
        "address.disclosed" => "They saw the address of the place.".into(),
        "note.read" => "They read the notes that were written about what you need.".into(),
        "referral.sent" => "They asked a service to take you in. It was told who needs a place, not your name.".into(),
        "refused.not_found" | "refused.forbidden" => "They tried to look at your case. They were not let in.".into(),
        other => format!("They did something with your case: {}.", plain(other)),
    }
}

/// `journey_code.used`: "journey code used".
fn plain(action: &str) -> String {
    action.replace(['.', '_'], " ")
}

fn sentence(action: &str) -> String {
    let text = plain(action);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("identity.disclosed", "Saw the names and the safe contact details")]
    #[case("referral.sent", "Sent a referral to Copper House: who needs a place, without names")]
    #[case("journey_code.used", "Journey code used")]
    fn a_look_is_told_in_words(#[case] action: &str, #[case] words: &str) {
        assert_eq!(told(action, Some("Copper House")), words);
        let plainly = told_plainly(action);
        assert!(plainly.starts_with("They ") && !plainly.contains("Copper") && !plainly.contains('_'), "{plainly}");
    }
}
