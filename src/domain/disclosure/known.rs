//! What somebody who has everything that was published, and knows every rule of it, knows about each cell. What she can
//! work out from that is asked elsewhere, twice: by `protect`, and apart from it by `check`.

use super::{Grid, Link, Shown};

/// From and to, both possible; no end where there is none.
pub(super) type Range = (u64, Option<u64>);

/// What follows from the rules alone, before anything is held back.
pub(super) struct Known<'a> {
    grid: &'a Grid,
    /// About a single home, or the same as something that is, or part of it.
    pub single: Vec<bool>,
    pub unseen: Vec<bool>,
    /// What was published, the last of it if there were several.
    pub published: Vec<Option<Shown>>,
    /// Part of a whole that was published as few: never shown, and not even whether it is nought.
    pub under_few: Vec<bool>,
    /// The first of those that are the same people by construction.
    pub same: Vec<usize>,
}

pub(super) fn rounded(number: u64) -> Shown {
    match number {
        0 => Shown::Count(0),
        1..=4 => Shown::Few,
        _ => Shown::Count((number + 2) / 5 * 5),
    }
}

impl Link {
    pub(super) fn whole(&self) -> usize {
        match self {
            Self::Sum { whole, .. } | Self::Union { whole, .. } => *whole,
        }
    }

    pub(super) fn parts(&self) -> &[usize] {
        match self {
            Self::Sum { parts, .. } | Self::Union { parts, .. } => parts,
        }
    }
}

impl<'a> Known<'a> {
    pub fn of(grid: &'a Grid) -> Self {
        let none = vec![false; grid.cells.len()];
        let mut known = Self {
            grid,
            single: grid.cells.iter().map(|cell| cell.single).collect(),
            unseen: none.clone(),
            published: vec![None; grid.cells.len()],
            under_few: none,
            same: (0..grid.cells.len()).collect(),
        };
        for cell in &grid.unseen {
            known.unseen[*cell] = true;
        }
        for (cell, shown) in &grid.published {
            known.published[*cell] = Some(*shown);
        }
        known.spread();
        known.join();
        known
    }

    /// What is said of a cell holds for those that are the same people, and for its parts.
    fn spread(&mut self) {
        let mut changed = true;
        while changed {
            changed = false;
            for link in &self.grid.links {
                let whole = link.whole();
                let alone = self.alone(link);
                let few = Self::only(link).is_none() && self.published[whole] == Some(Shown::Few);
                for part in link.parts().iter().copied() {
                    let single = self.single[whole] && !self.single[part];
                    let under = (few || self.under_few[whole]) && !self.under_few[part];
                    let under = under && self.published[part].is_none() && !self.unseen[part];
                    self.single[part] |= single;
                    self.under_few[part] |= under;
                    changed |= single || under;
                }
                if alone.is_some_and(|part| self.single[part]) && !self.single[whole] {
                    self.single[whole] = true;
                    changed = true;
                }
            }
        }
    }

    fn join(&mut self) {
        let mut changed = true;
        while changed {
            changed = false;
            for link in &self.grid.links {
                let Some(part) = self.alone(link) else { continue };
                let (one, other) = (self.same[link.whole()], self.same[part]);
                let (least, most) = (one.min(other), one.max(other));
                self.same.iter_mut().filter(|same| **same == most).for_each(|same| *same = least);
                changed |= least != most;
            }
        }
    }

    /// The part that is the whole: the only one, or the only one that is not seen to be nought.
    pub fn alone(&self, link: &Link) -> Option<usize> {
        let mut seen = link.parts().iter().copied().filter(|part| !self.seen_nought(*part));
        let alone = seen.next().filter(|_| seen.next().is_none() && self.rounded(link.whole()) != Shown::Count(0));
        Self::only(link).or(alone)
    }

    /// The part of a whole that has but one.
    fn only(link: &Link) -> Option<usize> {
        if let [only] = link.parts() { Some(*only) } else { None }
    }

    /// All cells, each after its parts.
    pub fn parts_first(&self) -> Vec<usize> {
        let mut depth = vec![0_usize; self.grid.cells.len()];
        for _ in 0..depth.len() {
            let mut changed = false;
            for link in &self.grid.links {
                let deep = link.parts().iter().map(|part| depth[*part] + 1).max().unwrap_or(0);
                changed |= depth[link.whole()] < deep;
                depth[link.whole()] = depth[link.whole()].max(deep);
            }
            if !changed {
                break;
            }
        }
        let mut cells: Vec<usize> = (0..depth.len()).collect();
        cells.sort_by_key(|cell| depth[*cell]);
        cells
    }

    pub fn rounded(&self, cell: usize) -> Shown {
        rounded(self.grid.cells[cell].true_number)
    }

    /// Whether everybody sees that it is nought.
    pub fn seen_nought(&self, cell: usize) -> bool {
        let nought = self.rounded(cell) == Shown::Count(0);
        let hidden = self.single[cell] || self.unseen[cell] || self.under_few[cell];
        self.published[cell].map_or(nought && !hidden, |shown| shown == Shown::Count(0))
    }

    /// Whether parts of it are seen beside it. Such a whole is at least how many there are; held back, it only must not be
    /// told from a larger number.
    pub fn whole_unsaid(&self, cell: usize) -> bool {
        let of = |link: &&Link| self.same[link.whole()] == self.same[cell] && self.alone(link).is_none();
        !self.under_few[cell] && self.grid.links.iter().filter(of).count() > 0
    }

    /// What a cell is known to be by what it shows. Of what is held back the worst is assumed: that she knows whether it is
    /// a small number, which is never so hidden when it is nought.
    pub fn range(&self, cell: usize, shown: Shown) -> Range {
        match shown {
            Shown::Count(0) => (0, Some(0)),
            Shown::Count(number) => (number.saturating_sub(2).max(5), Some(number + 2)),
            Shown::Few => (1, Some(4)),
            Shown::Held if self.single[cell] || self.unseen[cell] || self.under_few[cell] => (0, None),
            Shown::Held => match self.rounded(cell) {
                Shown::Count(0) => (0, None),
                Shown::Count(_) => (5, None),
                _ => (1, None),
            },
        }
    }
}
