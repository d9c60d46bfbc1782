//! Whether a session still waits for a second factor: a code from the phone of the person whose password it was. (S23)

use super::words;

words! {
    /// How a session stands with the second factor.
    SecondFactor {
        /// The installation is a demonstration, and the account has none.
        NotNeeded = "not_needed",
        Given = "given",
        /// The account has one, and its code has not come yet.
        ToGive = "to_give",
        /// The account has none, and needs one.
        ToEnrol = "to_enrol",
    }
}

impl SecondFactor {
    /// How a session begins, when the password was right.
    pub fn at_first(required: bool, enrolled: bool) -> Self {
        match (enrolled, required) {
            (true, _) => Self::ToGive,
            (false, true) => Self::ToEnrol,
            (false, false) => Self::NotNeeded,
        }
    }

    /// Whether the sign-in is complete. Until it is, a session opens nothing but what completes it.
    pub fn finished(self) -> bool {
        matches!(self, Self::NotNeeded | Self::Given)
    }

    /// Whether this session may set a new second factor up. One that has not shown the old may not: whoever knows the
    /// password alone must not replace it. `enrolled` is how the account stands now.
    pub fn may_enrol(self, enrolled: bool) -> bool {
        match self {
            Self::Given => true,
            Self::NotNeeded | Self::ToEnrol => !enrolled,
            Self::ToGive => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SecondFactor::{self, Given, NotNeeded, ToEnrol, ToGive};

    /// S23
    #[test]
    fn s23_only_the_demonstration_lets_anybody_in_with_a_password_alone() {
        let begun = [(true, true), (true, false), (false, true), (false, false)]
            .map(|(required, enrolled)| SecondFactor::at_first(required, enrolled));
        assert_eq!(begun, [ToGive, ToEnrol, ToGive, NotNeeded]);
        assert_eq!(begun.map(SecondFactor::finished), [false, false, false, true]);
    }

    /// S23
    #[test]
    fn s23_a_password_alone_does_not_replace_a_second_factor() {
        for (state, enrolled, may) in [
            (ToGive, true, false),
            (ToEnrol, true, false),
            (NotNeeded, true, false),
            (ToEnrol, false, true),
            (NotNeeded, false, true),
            (Given, true, true),
        ] {
            assert_eq!(state.may_enrol(enrolled), may, "{state:?} {enrolled}");
        }
    }
}
