//! What somebody did to see who a household is, or where, in words for staff and in words for the survivor.

/// In words for the people of the service: what they did.
pub fn told(action: &str, service: Option<&str>) -> String {
    match (action, service) {
        ("identity.disclosed", _) => "Saw the names and the rules for safe contact".into(),
        ("address.disclosed", _) => "Saw the address of the home".into(),
        ("case.read_in_emergency", _) => "Opened the case in an emergency".into(),
        ("contact.disclosed", _) => "Saw the telephone number and the e-mail address".into(),
        ("contact.outside_hours", _) => "Did so outside the safe hours".into(),
        ("home.disclosed", _) => "Saw the address of their own home".into(),
        ("journey.opened", _) => "Read, with the code, what was agreed to be shared".into(),
        ("journey.case_opened", _) => "Opened a case of their own with what was shared".into(),
        ("case_note.read", _) => "Read the notes of the case".into(),
        ("note.read", _) => "Read the notes of the referral".into(),
        ("risk.read", _) => "Read an assessment of the risk".into(),
        ("safety_plan.read", _) => "Read the safety plan".into(),
        ("referral.sent", Some(service)) => format!("Sent a referral to {service}: who needs a place, without names"),
        ("referral.sent", None) => "Sent a referral: who needs a place, without names".into(),
        ("task.read", _) => "Read what is to be done, as it was written down".into(),
        ("sanctuary.requested", Some(service)) => {
            format!("Asked {service} to make their own home safe: without names or the address")
        }
        ("sanctuary.requested", None) => {
            "Asked for their own home to be made safe: without names or the address".into()
        }
        ("refused.not_found" | "refused.forbidden", _) => "Tried to look, and was not let in".into(),
        (other, _) => sentence(other),
    }
}

/// In words for the survivor, after "They": no name of anybody, no place.
pub fn told_plainly(action: &str) -> String {
    match action {
        "identity.disclosed" => "They saw your name, and the rules for reaching you safely.".into(),
        "address.disclosed" => "They saw the address of the place.".into(),
        "case.read_in_emergency" => "They opened your case in an emergency. A second person agreed.".into(),
        "contact.disclosed" => "They saw your telephone number and e-mail address.".into(),
        "contact.outside_hours" => "They did so at a time that you had not said is safe. They had to say why.".into(),
        "home.disclosed" => "They saw the address of your home.".into(),
        "journey.opened" => "They used your code. They read what you agreed to share.".into(),
        "journey.case_opened" => "They used your code to start helping you, so that you need not tell it again.".into(),
        "case_note.read" => "They read the notes that were written when you spoke with us.".into(),
        "note.read" => "They read the notes that were written about what you need.".into(),
        "risk.read" => "They read your answers about the danger that you are in.".into(),
        "safety_plan.read" => "They read your safety plan.".into(),
        "referral.sent" => "They asked a service to take you in. It was told who needs a place, not your name.".into(),
        "task.read" => "They read what somebody wrote down to do for you.".into(),
        "sanctuary.requested" => {
            "They asked a scheme to make your home safer. It was told who lives there, not your name or address.".into()
        }
        "refused.not_found" | "refused.forbidden" => "They tried to look at your case. They were not let in.".into(),
        other => format!("They did something with your case: {}.", plain(other)),
    }
}

/// `journey_code.used`: "journey code used".
fn plain(action: &str) -> String {
    action.replace(['.', '_'], " ")
}

fn sentence(action: &str) -> String {
    capital(&plain(action))
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("identity.disclosed", "Saw the names and the rules for safe contact")]
    #[case("referral.sent", "Sent a referral to Copper House: who needs a place, without names")]
    #[case("journey_code.used", "Journey code used")]
    fn a_look_is_told_in_words(#[case] action: &str, #[case] words: &str) {
        assert_eq!(told(action, Some("Copper House")), words);
        let plainly = told_plainly(action);
        assert!(plainly.starts_with("They ") && !plainly.contains("Copper") && !plainly.contains('_'), "{plainly}");
    }
}
