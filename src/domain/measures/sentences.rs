//! Plain sentences made from figures. What is missing or held back is `None`: the sentence then says less, and where
//! nothing can be said there is none. Of rounded figures it says what the rounded figures say.

use super::change;
use super::figure::thousands;

/// From how many on a change is told in percent as well: of fewer it misleads.
const BASE: u64 = 10;
/// How many that are equally common are named.
const NAMED: usize = 3;

/// "Denied access rose from 78.1% to 79.2%." `what` is one thing, and begins the sentence.
pub fn rate_changed(what: &str, before: Option<f64>, now: Option<f64>) -> Option<String> {
    changed(what, before, now, &|value| format!("{value}%"))
}

/// "The middle wait fell from 12 days to 9.5 days." The unit is that of one, then that of several.
pub fn time_changed(what: &str, unit: (&str, &str), before: Option<f64>, now: Option<f64>) -> Option<String> {
    let one = |value: &str| if value == "1" { unit.0.to_owned() } else { unit.1.to_owned() };
    changed(what, before, now, &|value| format!("{value} {}", one(value)))
}

fn changed(what: &str, before: Option<f64>, now: Option<f64>, told: &dyn Fn(&str) -> String) -> Option<String> {
    let tenths = |value: f64| value.is_finite().then(|| (value * 10.0).round() / 10.0);
    let (before, now) = (before.and_then(tenths), now.and_then(tenths)?);
    let after = told(&now.to_string());
    let Some(before) = before else { return Some(format!("{what} was {after}.")) };
    Some(match before.total_cmp(&now) {
        std::cmp::Ordering::Less => format!("{what} rose from {} to {after}.", told(&before.to_string())),
        std::cmp::Ordering::Greater => format!("{what} fell from {} to {after}.", told(&before.to_string())),
        std::cmp::Ordering::Equal => format!("{what} stayed at {after}."),
    })
}

/// "There were 252 referrals, 29 fewer than in the period before (-10.3%)."
pub fn count_changed(singular: &str, plural: &str, before: Option<u64>, now: Option<u64>) -> Option<String> {
    let now = now?;
    let there = match now {
        0 => format!("There were no {plural}"),
        1 => format!("There was 1 {singular}"),
        _ => format!("There were {} {plural}", thousands(now)),
    };
    let compared = match before {
        None => String::new(),
        Some(before) if before == now && now == 0 => ", as in the period before".to_owned(),
        Some(before) if before == now => ", as many as in the period before".to_owned(),
        Some(0) => ", and none in the period before".to_owned(),
        Some(before) if now == 0 => format!(", and {} in the period before", thousands(before)),
        Some(before) => {
            let less_or_more = if now < before { "fewer" } else { "more" };
            let percent = change(before, now).filter(|_| before >= BASE);
            let percent = percent.map_or_else(String::new, |percent| format!(" ({percent:+}%)"));
            format!(", {} {less_or_more} than in the period before{percent}", thousands(before.abs_diff(now)))
        }
    };
    Some(format!("{there}{compared}."))
}

/// "Lack of space was the commonest reason: 35 of 120." The whole is the sum of what is given. `what` takes an s when there
/// are several.
pub fn commonest(what: &str, of: &[(String, Option<u64>)]) -> Option<String> {
    let whole = of.iter().map(|(_, number)| *number).sum();
    commonest_of(what, of, whole)
}

/// The same, of a whole that is known in another way: rounded parts need not add up to it.
pub fn commonest_of(what: &str, of: &[(String, Option<u64>)], whole: Option<u64>) -> Option<String> {
    let most = of.iter().filter_map(|(_, number)| *number).max().filter(|most| *most > 0)?;
    let first: Vec<&str> =
        of.iter().filter(|(_, number)| *number == Some(most)).map(|(name, _)| name.as_str()).collect();
    let all_known = of.iter().all(|(_, number)| number.is_some());
    let others = of.iter().any(|(_, number)| number.is_some_and(|number| number > 0 && number < most));
    let number = thousands(most);
    let of_whole =
        whole.filter(|whole| *whole > most).map_or_else(String::new, |whole| format!(" of {}", thousands(whole)));
    // What is held back can be more than anything that is shown.
    let shown = if all_known { "" } else { "Of what can be shown, " };
    Some(match first.as_slice() {
        [only] if all_known && !others && whole.is_none_or(|whole| whole == most) => {
            format!("{} was the only {what}: {number}.", begun(only))
        }
        [one] if all_known => format!("{} was the commonest {what}: {number}{of_whole}.", begun(one)),
        [one] => format!("{shown}“{one}” was the commonest {what}: {number}{of_whole}."),
        several if several.len() <= NAMED => {
            let the = if all_known { "The" } else { "the" };
            let names: Vec<String> = several.iter().map(|name| format!("“{name}”")).collect();
            format!("{shown}{the} commonest {what}s were {}: {number} each{of_whole}.", listed(&names))
        }
        several if others => {
            let many = several.len();
            format!("{shown}{many} {what}s were equally the commonest: {number} each{of_whole}.")
        }
        several => format!("{shown}{} {what}s were equally common: {number} each{of_whole}.", several.len()),
    })
}

/// With a capital letter in front.
fn begun(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn listed(names: &[String]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        names => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::rose(Some(78.1), Some(79.2), Some("Denied access rose from 78.1% to 79.2%."))]
    #[case::fell(Some(79.2), Some(78.0), Some("Denied access fell from 79.2% to 78%."))]
    #[case::stayed(Some(79.2), Some(79.2), Some("Denied access stayed at 79.2%."))]
    #[case::too_little_to_be_told(Some(79.21), Some(79.24), Some("Denied access stayed at 79.2%."))]
    #[case::from_nothing(Some(0.0), Some(5.0), Some("Denied access rose from 0% to 5%."))]
    #[case::not_known_before(None, Some(79.2), Some("Denied access was 79.2%."))]
    #[case::not_known_this_time(Some(78.1), None, None)]
    #[case::no_number(Some(78.1), Some(f64::NAN), None)]
    #[case::no_number_before(Some(f64::INFINITY), Some(1.0), Some("Denied access was 1%."))]
    #[case::nothing_known(None, None, None)]
    fn a_rate_is_compared(#[case] before: Option<f64>, #[case] now: Option<f64>, #[case] said: Option<&str>) {
        assert_eq!(rate_changed("Denied access", before, now).as_deref(), said);
    }

    #[rstest]
    #[case(Some(1.0), Some(2.5), "The middle wait rose from 1 day to 2.5 days.")]
    #[case(None, Some(1.0), "The middle wait was 1 day.")]
    fn a_time_is_compared(#[case] before: Option<f64>, #[case] now: Option<f64>, #[case] said: &str) {
        assert_eq!(time_changed("The middle wait", ("day", "days"), before, now).as_deref(), Some(said));
    }

    /// The referrals that Leicester and Leicestershire published: 67, then 281, then 252.
    #[rstest]
    #[case::fewer(Some(281), Some(252), "There were 252 referrals, 29 fewer than in the period before (-10.3%).")]
    #[case::more(Some(67), Some(281), "There were 281 referrals, 214 more than in the period before (+319.4%).")]
    #[case::thousands(Some(1), Some(1_001), "There were 1,001 referrals, 1,000 more than in the period before.")]
    #[case::too_few_for_a_percentage(Some(9), Some(1), "There was 1 referral, 8 fewer than in the period before.")]
    #[case::the_same(Some(5), Some(5), "There were 5 referrals, as many as in the period before.")]
    #[case::none_before(Some(0), Some(3), "There were 3 referrals, and none in the period before.")]
    #[case::none_this_time(Some(3), Some(0), "There were no referrals, and 3 in the period before.")]
    #[case::none_at_all(Some(0), Some(0), "There were no referrals, as in the period before.")]
    #[case::not_known_before(None, Some(252), "There were 252 referrals.")]
    fn a_count_is_compared(#[case] before: Option<u64>, #[case] now: Option<u64>, #[case] said: &str) {
        assert_eq!(count_changed("referral", "referrals", before, now).as_deref(), Some(said));
    }

    #[test]
    fn of_a_count_that_is_not_known_nothing_is_said() {
        assert_eq!(count_changed("referral", "referrals", Some(281), None), None);
    }

    #[rstest]
    #[case::one(&[Some(35), Some(80), Some(5)], Some("B was the commonest reason: 80 of 120."))]
    #[case::the_only_one(&[Some(0), Some(7)], Some("B was the only reason: 7."))]
    #[case::two(&[Some(35), Some(35), Some(5)], Some("The commonest reasons were “a” and “b”: 35 each of 75."))]
    #[case::three(&[Some(2), Some(2), Some(2)], Some("The commonest reasons were “a”, “b” and “c”: 2 each of 6."))]
    #[case::all_alike(&[Some(2); 4], Some("4 reasons were equally common: 2 each of 8."))]
    #[case::many(
        &[Some(2), Some(2), Some(2), Some(2), Some(1)],
        Some("4 reasons were equally the commonest: 2 each of 9.")
    )]
    #[case::one_held_back(&[Some(35), None, Some(5)], Some("Of what can be shown, “a” was the commonest reason: 35."))]
    #[case::two_and_one_held_back(
        &[Some(35), Some(35), None],
        Some("Of what can be shown, the commonest reasons were “a” and “b”: 35 each.")
    )]
    #[case::nothing_but_one_held_back(&[Some(0), None], None)]
    #[case::nothing(&[Some(0), Some(0)], None)]
    #[case::none_at_all(&[], None)]
    fn the_commonest_is_named(#[case] numbers: &[Option<u64>], #[case] said: Option<&str>) {
        let names = ["a", "b", "c", "d", "e"];
        let of: Vec<_> = names.iter().map(|name| (*name).to_owned()).zip(numbers.iter().copied()).collect();
        assert_eq!(commonest("reason", &of).as_deref(), said);
    }

    #[rstest]
    #[case::known(Some(125), "Lack of space was the commonest reason: 35 of 125.")]
    #[case::held_back(None, "Lack of space was the commonest reason: 35.")]
    fn a_whole_can_be_another_number_than_the_sum(#[case] whole: Option<u64>, #[case] said: &str) {
        let of = [("lack of space".to_owned(), Some(35)), ("Area identified as unsafe".to_owned(), Some(30))];
        assert_eq!(commonest_of("reason", &of, whole).as_deref(), Some(said));
    }
}
