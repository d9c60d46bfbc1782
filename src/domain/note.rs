//! What somebody writes about a household beside what happens.

use super::words;

words! {
    /// What a note is about.
    #[schema(as = NoteKind)]
    Kind {
        Call = "call",
        Visit = "visit",
        Meeting = "meeting",
        /// A text message, an e-mail or a letter to or from the survivor.
        Message = "message",
        Note = "note",
        /// What another agency has told.
        Information = "information",
    }
}

words! {
    /// Who may read a note beside those who wrote it.
    #[schema(as = NoteVisibility)]
    Visibility {
        OwnOrganisation = "own_organisation",
        /// The provider too that the household has its place with, for as long as it is theirs.
        PlacingProvider = "placing_provider",
        /// Written by the provider of a place: the organisation too whose case it is.
        Referrer = "referrer",
    }
}

impl Kind {
    /// Whether it is about being in touch with the survivor.
    pub fn contact(self) -> bool {
        matches!(self, Self::Call | Self::Visit | Self::Meeting | Self::Message)
    }

    /// Whether she can have been spoken to, so that it matters whether she was.
    pub fn may_reach(self) -> bool {
        matches!(self, Self::Call | Self::Visit | Self::Meeting)
    }
}
