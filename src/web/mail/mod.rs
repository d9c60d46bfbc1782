//! Mail: for administrators the queue of it, for everybody what they want to be told of.

mod choices;
mod queue;

use actix_web::web::ServiceConfig;

use crate::domain::mail::{Problem, State, Topic};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(queue::show)
        .service(queue::retry_all)
        .service(queue::retry)
        .service(choices::ask)
        .service(choices::choose);
}

/// What a message is about, as it is said in a list.
pub fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::AccessAlert => "An access that needs a second look",
        Topic::HoldLapsing => "A hold that ends soon",
        Topic::InformationGiven => "An answer about a referral",
        Topic::InformationRequested => "A question about a referral",
        Topic::Invitation => "An invitation",
        Topic::JourneyUsed => "A code for another organisation that was used",
        Topic::MessageReceived => "A message about a referral",
        Topic::NewSignIn => "A sign-in from a new place",
        Topic::NoLongerNeeded => "A referral that is no longer needed",
        Topic::PasswordChanged => "A changed password",
        Topic::PasswordReset => "A link for a new password",
        Topic::ReferralDecided => "A decision on a referral",
        Topic::ReferralReceived => "A new referral",
        Topic::ReportReady => "A report that is ready",
        Topic::SecondFactorRemoved => "A second step that was removed",
        Topic::TasksOverdue => "Tasks whose time has passed",
        Topic::VacanciesStale => "Vacancies to confirm",
        Topic::WatchMatched => "A place for a household under watch",
        Topic::WeeklyDigest => "The figures of last week",
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::Waiting => "Waiting",
        State::Sent => "Sent",
        State::GivenUp => "Could not be sent",
        State::NotWanted => "Not needed any more",
    }
}

fn problem(problem: Problem) -> &'static str {
    match problem {
        Problem::AccountClosed => "The account is closed.",
        Problem::BadAddress => "The e-mail address cannot be right. Check it on their page.",
        Problem::LinkOver => "The link was used, replaced or is too old.",
        Problem::NotEncrypted => "The mail server could not prove who it is. Check its certificate.",
        Problem::PutOff => "The mail server asked us to try later.",
        Problem::Rejected => "The mail server refused it. The address may be wrong or closed.",
        Problem::SignInRefused => {
            "The mail server did not let us in. Check the user name and password in the settings."
        }
        Problem::TimedOut => "The mail server took too long.",
        Problem::TooLate => "It waited so long that it was of no use.",
        Problem::TurnedOff => "They do not want mail about this.",
        Problem::Unreachable => "The mail server could not be reached.",
    }
}
