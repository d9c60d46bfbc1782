//! Text that leaves the organisation, as its sender sees it again when something in it could tell who or where they are.

use super::form::{Form, Posted};
use crate::domain::scan::{Detail, scan};

/// What its sender says is safe to send.
pub fn confirmed(posted: &Posted) -> Vec<Detail> {
    posted.all("confirmed").iter().filter_map(|word| word.parse().ok()).collect()
}

/// What was found in a field that is shown again, as (word, text): one for each kind, with what stands there.
pub fn found(form: &Form, name: &str) -> Vec<(&'static str, String)> {
    if form.error(name).is_none() && form.all("confirmed").is_empty() {
        return Vec::new();
    }
    let text: Vec<char> = form.value(name).chars().collect();
    let all = scan(form.value(name));
    let mut told: Vec<(&'static str, String)> = Vec::new();
    for kind in Detail::ALL {
        let these = all.iter().filter(|one| one.kind == *kind);
        let these: Vec<String> =
            these.map(|one| format!("“{}”", text[one.from..one.until].iter().collect::<String>())).collect();
        if !these.is_empty() {
            told.push((kind.as_str(), format!("It is safe to send {}: {}", kind.named(), these.join(" and "))));
        }
    }
    told
}
