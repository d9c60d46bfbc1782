//! What may be published of counts of people, so that nobody can work out a number from 1 to 4. (S40)
//!
//! A [`Grid`] is everything that is published together, with all that anybody can know about it: how its cells add up, and
//! what was published of them before. [`protect()`] decides what is shown; it is a function of its input alone.

mod check;
mod known;
mod moves;
mod protect;
mod search;
#[cfg(test)]
mod tests;

pub use self::check::check;
pub use self::protect::protect;

/// A count, and how it is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The true number.
    pub true_number: u64,
    /// It is about one service that has a single home: it is never shown, whatever the number.
    pub single: bool,
}

/// What is shown in place of a count. A nought is never held back, but for a single home, and for the parts of a whole that
/// was published as few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    /// The count rounded to 5, from its true value: 5 stands for 5 to 7, 10 for 8 to 12. Nought is nought.
    Count(u64),
    /// From 1 to 4.
    Few,
    /// Not shown, to protect another: 5 or more as a rule, but less where a whole has only small parts. Or about a single
    /// home.
    Held,
}

/// How cells hang together; each is the place of a cell in [`Grid::cells`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// The whole is the sum of its parts. Each part stands in it once.
    Sum { whole: usize, parts: Vec<usize> },
    /// The whole counts each once that can be in several parts: it is at least the largest and at most their sum.
    Union { whole: usize, parts: Vec<usize> },
}

/// Everything that hangs together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    pub cells: Vec<Count>,
    pub links: Vec<Link>,
    /// What was published before and cannot be taken back: cell and what it showed.
    pub published: Vec<(usize, Shown)>,
    /// Cells that are nowhere published, but known to exist: a remainder of a sum.
    pub unseen: Vec<usize>,
}

/// A part in every hundred of a whole, from what is shown and nothing else; `None` when either is not shown, or of less than
/// 10. Whole percent, a half rounded up.
pub fn share(part: Shown, whole: Shown) -> Option<f64> {
    match (part, whole) {
        (Shown::Count(part), Shown::Count(whole)) if whole >= 10 => {
            let percent = (part * 200 + whole) / (whole * 2);
            Some(f64::from(u32::try_from(percent).unwrap_or(u32::MAX)))
        }
        _ => None,
    }
}
