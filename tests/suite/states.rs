//! What may follow what: the pictures in the documentation, and the edges that are not drawn.

use std::fmt::Write;
use std::{env, fs};

use safehold::domain::machine::draw;
use safehold::domain::{case, emergency, placement, referral, safety_plan, sanctuary, support, task, vacancy};

const DOCUMENT: &str = "docs/states.md";

/// Every machine: its title, what is to be known beside the picture, and the picture.
fn machines() -> [(&'static str, &'static str, String); 9] {
    [
        (
            "Case",
            "`work` is whatever changes or uses a case. A closed case is read, and its timeline goes on.",
            draw(case::EDGES),
        ),
        (
            "Vacancy",
            "How old a vacancy is, is no state: it follows from when it was last confirmed.",
            draw(vacancy::EDGES),
        ),
        (
            "Referral",
            "Every ending but `placed` has a coded reason. `place` happens when the household arrives.",
            draw(referral::EDGES),
        ),
        (
            "Placement",
            "The unit is taken for as long as a stay is `expected` or `arrived`. One that is `moved` goes on in another home.",
            draw(placement::EDGES),
        ),
        (
            "Emergency access",
            "A request that nobody decides, and an access that nobody ends, are over by themselves.",
            draw(emergency::EDGES),
        ),
        (
            "Sanctuary job",
            "`book` gives the survey a day: from then on the scheme may know who and where. Nothing is fitted in a rented \
             home before its landlord has agreed.",
            draw(sanctuary::EDGES),
        ),
        ("Task", "An automatic task is settled when what it was about is over.", draw(task::EDGES)),
        ("Action of a safety plan", "What has ended is kept.", draw(safety_plan::EDGES)),
        (
            "Support",
            "What was taken out was recorded by mistake: it counts no more, and is kept.",
            draw(support::EDGES),
        ),
    ]
}

fn document() -> String {
    let mut text = String::from(
        "# What may follow what\n\nDrawn from the tables that the code decides by (`EDGES` in `src/domain/`): a test \
         compares them. Whatever is not drawn is refused with 409 and the state that stands in the way. (S35)\n",
    );
    for (title, says, picture) in machines() {
        write!(text, "\n## {title}\n\n{says}\n\n```mermaid\n{picture}```\n").unwrap();
    }
    text
}

/// S35
#[test]
fn s35_the_pictures_are_drawn_from_the_tables() {
    let now = document();
    if env::var_os("RENEW").is_some() {
        fs::write(DOCUMENT, &now).unwrap();
    }
    let before = fs::read_to_string(DOCUMENT).unwrap_or_default();
    assert!(before == now, "{DOCUMENT} is not what the tables say: RENEW=1 tests/run cargo test --test suite states");
}
