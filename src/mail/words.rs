//! What each message says: the same words for everybody, and nothing in them that belongs to one case, one person or one
//! place. (S29)

use crate::domain::mail::Topic;

/// The words of one message.
pub(crate) struct Words {
    pub subject: &'static str,
    /// What has happened.
    pub told: &'static str,
    /// What to do now.
    pub next: &'static str,
    /// What the link does.
    pub link: &'static str,
}

/// What most links do.
const SIGN_IN: &str = "Sign in to Safehold";

impl Words {
    pub fn of(topic: Topic) -> Self {
        let words = |subject, told, next, link| Self { subject, told, next, link };
        match topic {
            Topic::InformationGiven
            | Topic::InformationRequested
            | Topic::MessageReceived
            | Topic::NoLongerNeeded
            | Topic::ReferralDecided
            | Topic::ReferralReceived => Self::of_referral(topic),
            Topic::AccessAlert => words(
                "Somebody opened something that needs a second look",
                "Safehold has noticed an access that you should know about.",
                "Sign in and look at it as soon as you can.",
                SIGN_IN,
            ),
            Topic::HoldLapsing => words(
                "A place that you hold will soon be free again",
                "A hold of yours ends soon. After that, others can take the place.",
                "Sign in to send the referral, or to let the place go.",
                SIGN_IN,
            ),
            Topic::Invitation => words(
                "You can now use Safehold",
                "Somebody who looks after accounts in your organisation has made one for you.",
                "Choose a password to start. The link works once and for a short time only. If you did not expect this, \
                 you need not do anything.",
                "Choose your password",
            ),
            Topic::JourneyUsed => words(
                "A code that you gave was used",
                "Another organisation has opened what a survivor agreed to share, with the code that she was given.",
                "Sign in to see who it was. If it should not have happened, take the code back.",
                SIGN_IN,
            ),
            Topic::NewSignIn => words(
                "Your account was used from a new place",
                "Somebody has signed in with your e-mail address and password from a place that we have not seen before.",
                "If it was you, you need not do anything. If it was not, sign in, change your password, and tell your \
                 manager at once.",
                SIGN_IN,
            ),
            Topic::PasswordChanged => words(
                "Your password was changed",
                "The password of your account was changed. You are signed out everywhere.",
                "If you or your manager did this, you need not do anything. If not, tell your manager at once.",
                SIGN_IN,
            ),
            Topic::PasswordReset => words(
                "Choose a new password",
                "Somebody has asked for a new password for your account.",
                "If it was you, choose one with this link. It works once and for a short time only. If it was not, you \
                 need not do anything: your old password still works.",
                "Choose a new password",
            ),
            Topic::ReportReady => words(
                "A report is ready",
                "A report that your organisation gets regularly is ready.",
                "Sign in to read it.",
                SIGN_IN,
            ),
            Topic::SecondFactorRemoved => words(
                "The second step of your sign-in was removed",
                "Your account has no second step at sign-in any more. You are asked to set it up again.",
                "If you asked for this, sign in and set it up. If not, tell your manager at once.",
                SIGN_IN,
            ),
            Topic::TasksOverdue => words(
                "Some of your tasks are overdue",
                "There is something that you wanted to do, or should do, and its time has passed.",
                "Sign in to see what it is. Do it, move it, or give it to somebody else.",
                SIGN_IN,
            ),
            Topic::VacanciesStale => words(
                "Please confirm your vacancies",
                "Some of your vacancies were last confirmed a while ago. Others will soon see that they may be out of date.",
                "Sign in and say which of them are still there.",
                SIGN_IN,
            ),
            Topic::WatchMatched => words(
                "A place was found for a household under watch",
                "Safehold has found a place that could fit a household that you keep watch for.",
                "Sign in to look at it before somebody else takes it.",
                SIGN_IN,
            ),
            Topic::WeeklyDigest => words(
                "The figures of last week are ready",
                "The figures of last week are ready: what was asked for, what was found, and what stood in the way.",
                "Sign in to read them.",
                "Read the report",
            ),
        }
    }

    /// What is said of a referral: of a new one, unless something else has happened.
    fn of_referral(topic: Topic) -> Self {
        let words = |subject, told, next, link| Self { subject, told, next, link };
        match topic {
            Topic::InformationGiven => words(
                "Your question about a referral was answered",
                "The other side has answered a question about a referral.",
                "Sign in to read the answer and to decide.",
                SIGN_IN,
            ),
            Topic::InformationRequested => words(
                "Somebody has a question about your referral",
                "A service needs to know more before it can decide on a referral of yours.",
                "Sign in to read the question and to answer it.",
                SIGN_IN,
            ),
            Topic::MessageReceived => words(
                "There is a message about a referral",
                "The other side has written something about a referral.",
                "Sign in to read it.",
                SIGN_IN,
            ),
            Topic::NoLongerNeeded => words(
                "A referral is no longer needed",
                "A referral to your service was taken back. You need not answer it any more.",
                "Sign in to see which it is. Whatever was held for it is free again.",
                SIGN_IN,
            ),
            Topic::ReferralDecided => words(
                "There is a decision on a referral",
                "A referral was accepted, declined or withdrawn, or it has run out of time.",
                "Sign in to see what was decided and what to do next.",
                SIGN_IN,
            ),
            _ => words(
                "A new referral is waiting for you",
                "Somebody has sent your service a referral. A household may be waiting while you read this.",
                "Sign in to read it and to answer.",
                SIGN_IN,
            ),
        }
    }
}
