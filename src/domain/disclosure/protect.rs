//! Decides what is shown.
//!
//! Nothing is taken for safe without a witness: a table of whole numbers, checked in whole numbers, that agrees with all that
//! is known and in which the number in question is another one. The solver of linear programmes looks for witnesses; what it
//! thinks is never believed. It may bend what is shown, at a price: where a witness needs that, what was bent is held back.

use std::collections::BTreeMap;

use super::known::{Known, Range};
use super::moves::{Moves, bounds};
use super::search::{Column, Kind, Model, Row};
use super::{Grid, Link, Shown};

/// What is shown of each cell: a function of the rounded numbers, of how they hang together and of what was published, so
/// that two tables that look the same rounded are shown the same. (S40)
pub fn protect(grid: &Grid) -> Vec<Shown> {
    let known = Known::of(grid);
    let groups = Groups::of(&known);
    let mut shown: Vec<Shown> = groups.begin(grid, &known);
    for component in groups.components(grid) {
        Picture::of(grid, &known, &groups, &component, &mut shown).protect();
    }
    let said = |cell: usize| match known.published[cell] {
        Some(before) => before,
        None if known.unseen[cell] => Shown::Held,
        None => shown[groups.of[cell]],
    };
    (0..grid.cells.len()).map(said).collect()
}

/// From so many witnesses a way to another one is tried.
const STARTS: usize = 2;

/// Beside so many parts that are no small numbers most wholes tell nothing.
const MANY: usize = 4;

/// Cells that are the same people by construction count as one: the first of them stands for all.
struct Groups {
    of: Vec<usize>,
}

impl Groups {
    fn of(known: &Known) -> Self {
        Self { of: known.same.clone() }
    }

    /// The parts of a whole that are not seen to be nought, each once.
    fn parts(&self, known: &Known, link: &Link) -> Vec<usize> {
        let mut parts: Vec<usize> =
            link.parts().iter().filter(|part| !known.seen_nought(**part)).map(|part| self.of[*part]).collect();
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    /// What the rules show without a look at what could be worked out.
    fn begin(&self, grid: &Grid, known: &Known) -> Vec<Shown> {
        let mut shown: Vec<Shown> = (0..grid.cells.len()).map(|cell| known.rounded(cell)).collect();
        for (cell, group) in self.of.iter().enumerate() {
            let all_unseen = || self.of.iter().enumerate().all(|(other, of)| of != group || known.unseen[other]);
            if known.single[cell] || known.under_few[cell] || known.unseen[cell] && all_unseen() {
                shown[*group] = Shown::Held;
            }
        }
        for cell in known.parts_first() {
            for link in grid.links.iter().filter(|link| link.whole() == cell && known.alone(link).is_none()) {
                self.blunt(grid, known, link, &mut shown);
            }
        }
        for (cell, group) in self.of.iter().enumerate() {
            if let Some(before) = known.published[cell] {
                shown[*group] = before;
            }
        }
        shown
    }

    /// Holds back what makes a sum tell nothing of its small parts. Beside few other parts nearly every whole would tell
    /// something, and a whole matters more than a part: so it is always the last of those that is held back, however large it
    /// is and whatever the whole is, and that it is says nothing. Else, or where that is not enough, the whole is, too.
    fn blunt(&self, grid: &Grid, known: &Known, link: &Link, shown: &mut [Shown]) {
        let whole = self.of[link.whole()];
        let parts = self.parts(known, link);
        let few = parts.iter().any(|part| shown[*part] == Shown::Few);
        if few && matches!(link, Link::Sum { .. }) && shown[whole] != Shown::Held {
            let large = |part: &&usize| matches!(shown[**part], Shown::Count(_));
            let held = parts.iter().any(|part| shown[*part] == Shown::Held);
            let last = parts.iter().rfind(large).copied();
            let published = |part: usize| {
                (0..grid.cells.len()).any(|cell| self.of[cell] == part && known.published[cell].is_some())
            };
            if let Some(part) =
                last.filter(|part| !held && parts.iter().filter(large).count() < MANY && !published(*part))
            {
                shown[part] = Shown::Held;
            }
        }
        if self.tells(known, link, shown) {
            shown[whole] = Shown::Held;
        }
    }

    /// Whether a sum says of its small parts what they are not: of two parts and a whole of less than 5, that neither is 4.
    /// Nor is it shown at the next step of the rounding, where it would be safe: else that it is not shown would say that it
    /// is at the first.
    fn tells(&self, known: &Known, link: &Link, shown: &[Shown]) -> bool {
        let parts = self.parts(known, link);
        if matches!(link, Link::Union { .. }) || !parts.iter().any(|part| shown[*part] == Shown::Few) {
            return false;
        }
        let ranges = || parts.iter().map(|part| known.range(*part, shown[*part]));
        let least: u64 = ranges().map(|(from, _)| from).sum();
        let most = ranges().map(|(_, to)| to).sum::<Option<u64>>();
        let (from, to) = known.range(link.whole(), known.rounded(link.whole()));
        let to = to.unwrap_or(from);
        let below = |to: u64| least <= to && to < least + 3;
        let above = |from: u64| most.is_some_and(|most| from <= most && most < from + 3);
        below(to) || below(from.saturating_sub(1)) || above(from) || above(to + 1)
    }

    /// Groups that hang together, by links that say something.
    fn components(&self, grid: &Grid) -> Vec<Vec<usize>> {
        let mut first: Vec<usize> = (0..grid.cells.len()).collect();
        let mut changed = true;
        while changed {
            changed = false;
            for link in &grid.links {
                let all = || link.parts().iter().chain([&link.whole()]).map(|cell| self.of[*cell]).collect::<Vec<_>>();
                let least = all().into_iter().map(|group| first[group]).min().unwrap_or(0);
                for group in all() {
                    changed |= first[group] != least;
                    first[group] = least;
                }
            }
        }
        let mut components: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (cell, group) in self.of.iter().enumerate() {
            if cell == *group {
                components.entry(first[cell]).or_default().push(cell);
            }
        }
        components.into_values().collect()
    }
}

/// A number that has to stay possible.
#[derive(Debug, Clone, Copy)]
struct Goal {
    /// The place in the picture.
    of: usize,
    at: u64,
    toward: Toward,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Toward {
    Exactly,
    OrLess,
    OrMore,
}

impl Goal {
    fn met(&self, witness: &[u64]) -> bool {
        let number = witness[self.of];
        match self.toward {
            Toward::Exactly => number == self.at,
            Toward::OrLess => number <= self.at,
            Toward::OrMore => number >= self.at,
        }
    }
}

/// Everything that hangs together, and what is shown of it so far.
struct Picture<'a> {
    known: &'a Known<'a>,
    cells: &'a [usize],
    shown: &'a mut [Shown],
    rows: Vec<Row>,
    /// What was published of it, if anything was.
    fixed: Vec<Option<Range>>,
    /// Its parts are seen: held back, it only must not be told from a larger number.
    whole: Vec<bool>,
    witnesses: Vec<Vec<u64>>,
}

impl<'a> Picture<'a> {
    fn of(grid: &'a Grid, known: &'a Known, groups: &Groups, cells: &'a [usize], shown: &'a mut [Shown]) -> Self {
        let mut place = vec![None; grid.cells.len()];
        for (at, cell) in cells.iter().enumerate() {
            place[*cell] = (!known.seen_nought(*cell)).then_some(at);
        }
        let mut rows = Vec::new();
        let mut whole = vec![false; cells.len()];
        for link in &grid.links {
            let at = place[groups.of[link.whole()]];
            let mine = at.is_some() || link.parts().iter().any(|part| place[groups.of[*part]].is_some());
            let mut parts: Vec<usize> = groups.parts(known, link).into_iter().filter_map(|part| place[part]).collect();
            if !mine || known.alone(link).is_some() {
                continue;
            }
            if let Some(at) = at {
                whole[at] = known.whole_unsaid(link.whole());
            }
            let among = at.is_some_and(|at| parts.contains(&at));
            parts.retain(|part| Some(*part) != at);
            rows.push(match link {
                Link::Sum { .. } => Row { whole: at.filter(|_| !among), parts, kind: Kind::Sum },
                Link::Union { .. } if among => Row { whole: at, parts, kind: Kind::Least },
                Link::Union { .. } => Row { whole: at, parts, kind: Kind::Union },
            });
        }
        rows.sort_unstable();
        rows.dedup();
        let mut fixed: Vec<Option<Range>> = vec![None; cells.len()];
        for (cell, before) in &grid.published {
            if let Some(at) = place[groups.of[*cell]] {
                let (from, to) = known.range(*cell, *before);
                let (least, most) = fixed[at].unwrap_or((0, None));
                fixed[at] = Some((least.max(from), most.into_iter().chain(to).min()));
            }
        }
        Self { known, cells, shown, rows, fixed, whole, witnesses: Vec::new() }
    }

    fn protect(&mut self) {
        loop {
            let goals = self.goals();
            let open: Vec<Goal> =
                goals.into_iter().filter(|goal| !self.witnesses.iter().any(|witness| goal.met(witness))).collect();
            if open.is_empty() {
                return;
            }
            if !self.prove(&open) {
                for cell in self.cells {
                    self.shown[*cell] = Shown::Held;
                }
                return;
            }
        }
    }

    fn goals(&self) -> Vec<Goal> {
        let mut goals = Vec::new();
        for (of, cell) in self.cells.iter().enumerate() {
            let mut goal = |at, toward| goals.push(Goal { of, at, toward });
            match (self.known.rounded(*cell), self.shown[*cell]) {
                (Shown::Count(0), _) => {}
                (Shown::Count(number), _) if self.known.single[*cell] => {
                    goal(1, Toward::OrLess);
                    goal(number + 2, Toward::OrMore);
                }
                (Shown::Count(_), _) => {}
                (_, Shown::Held) if self.whole[of] => goal(7, Toward::OrMore),
                (_, _) => {
                    goal(1, Toward::Exactly);
                    goal(4, Toward::Exactly);
                }
            }
        }
        goals
    }

    fn columns(&self) -> Vec<Column> {
        let column = |(at, cell): (usize, &usize)| {
            let shown = self.shown[*cell];
            let within = self.fixed[at].unwrap_or_else(|| self.known.range(*cell, shown));
            let price = match shown {
                _ if self.fixed[at].is_some() => None,
                Shown::Held | Shown::Count(0) => None,
                Shown::Few => Some(1_000.0),
                Shown::Count(number) => Some(10.0 + f64::from(u32::try_from(number).unwrap_or(u32::MAX))),
            };
            let held = self.known.range(*cell, Shown::Held);
            Column { within, bent: price.map(|price| (price, held)) }
        };
        self.cells.iter().enumerate().map(column).collect()
    }

    /// Finds witnesses for goals, and holds back what one of them needs. `false` when there is none for one of them.
    fn prove(&mut self, open: &[Goal]) -> bool {
        let mut open = open.to_vec();
        let bendable = self.columns();
        let stiff: Vec<Column> = bendable.iter().map(|column| Column { bent: None, ..*column }).collect();
        let bounds = bounds(&stiff, &self.rows);
        let beyond = |goal: &Goal| {
            let (from, to) = bounds[goal.of];
            goal.toward != Toward::OrMore && goal.at < from
                || goal.toward != Toward::OrLess && to.is_some_and(|to| to < goal.at)
        };
        let mut exposed: Vec<Goal> = open.iter().copied().filter(beyond).collect();
        open.retain(|goal| !beyond(goal));
        if self.witnesses.is_empty() {
            self.sweep(&mut open, &stiff);
        }
        self.step(&mut open, &stiff);
        // What is left, one by one, as long as nothing has to be held back for it.
        let model = (!open.is_empty()).then(|| Model::new(&stiff, &self.rows, &[])).flatten();
        open.reverse();
        while let Some(goal) = open.pop() {
            match model.as_ref().and_then(|model| model.at(&stiff, &self.rows, goal.of, goal.at)) {
                Some((witness, _)) => {
                    open.retain(|goal| !goal.met(&witness));
                    self.witnesses.push(witness);
                }
                None => exposed.push(goal),
            }
        }
        exposed.is_empty() || self.hold_back(&exposed, &bendable)
    }

    /// From the witness in which the number is nearest.
    fn step(&mut self, open: &mut Vec<Goal>, columns: &[Column]) {
        let moves = Moves::of(columns, &self.rows);
        for goal in std::mem::take(open) {
            if self.witnesses.iter().any(|witness| goal.met(witness)) {
                continue;
            }
            let mut nearest: Vec<&Vec<u64>> = self.witnesses.iter().collect();
            nearest.sort_by_key(|witness| witness[goal.of].abs_diff(goal.at));
            match nearest.into_iter().take(STARTS).find_map(|nearest| moves.from(nearest, goal.of, goal.at)) {
                Some(witness) => self.witnesses.push(witness),
                None => open.push(goal),
            }
        }
    }

    /// Holds back what is cheapest for these goals. What stands beside something that was just held back waits for another
    /// turn: it may not need more.
    fn hold_back(&mut self, exposed: &[Goal], columns: &[Column]) -> bool {
        let Some(model) = Model::new(columns, &self.rows, &[]) else { return false };
        let mut settled = vec![false; self.cells.len()];
        for goal in exposed {
            if settled[goal.of] {
                continue;
            }
            let Some((witness, bent)) = model.at(columns, &self.rows, goal.of, goal.at) else { return false };
            if bent.iter().any(|at| settled[*at]) {
                continue;
            }
            for at in bent {
                self.shown[self.cells[at]] = Shown::Held;
                for row in self.rows.iter().filter(|row| row.whole == Some(at) || row.parts.contains(&at)) {
                    row.parts.iter().copied().chain(row.whole).for_each(|near| settled[near] = true);
                }
            }
            self.witnesses.push(witness);
        }
        true
    }

    /// Many at once: as many numbers as can be at their least, then at their most, for as long as that pays.
    fn sweep(&mut self, open: &mut Vec<Goal>, columns: &[Column]) {
        let mut before = usize::MAX;
        let mut turn: u64 = 0;
        while open.len() < before - before / 8 && !open.is_empty() {
            before = open.len();
            for low in [true, false] {
                let wish = |goal: &&Goal| (goal.toward == Toward::OrLess || goal.at == 1) == low;
                let weighed = |goal: &Goal| (goal.of, weight(goal.of, turn) * if low { 1.0 } else { -1.0 });
                let wishes: Vec<(usize, f64)> = open
                    .iter()
                    .filter(wish)
                    .filter(|goal| low || columns[goal.of].within.1.is_some())
                    .map(weighed)
                    .collect();
                turn += 1;
                let model = Model::new(columns, &self.rows, &wishes);
                if let Some(witness) = model.and_then(|model| model.numbers(columns, &self.rows)) {
                    open.retain(|goal| !goal.met(&witness));
                    self.witnesses.push(witness);
                }
            }
        }
    }
}

/// Between a half and one and a half, different for each and every time.
fn weight(of: usize, turn: u64) -> f64 {
    let mut mixed = (of as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ turn.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^= mixed >> 31;
    mixed = mixed.wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^= mixed >> 29;
    0.001 * (0.5 + f64::from(u32::try_from(mixed % 1000).unwrap_or(0)) / 1000.0)
}
