//! A quick way from one witness to another: a number that is not a sum is made one more or one less, and with it every sum
//! that it stands in, until all are where they have to be. What comes out is checked like everything else.

use super::known::Range;
use super::search::{Column, Kind, Row, agrees};

/// How many steps are tried.
const STEPS: usize = 150;

/// How often the rows are gone through.
const ROUNDS: usize = 6;

/// How long a step is not taken back.
const LATELY: usize = 8;

pub(super) struct Moves<'a> {
    columns: &'a [Column],
    rows: &'a [Row],
    /// What becomes more together: a number, and the sums that it stands in.
    together: Vec<Vec<usize>>,
    /// By number, those of the above that change it.
    changing: Vec<Vec<usize>>,
    /// By number, the rows that are not sums and have it.
    unions: Vec<Vec<usize>>,
}

impl<'a> Moves<'a> {
    pub fn of(columns: &'a [Column], rows: &'a [Row]) -> Self {
        let mut sums_with: Vec<Vec<usize>> = vec![Vec::new(); columns.len()];
        let mut unions: Vec<Vec<usize>> = vec![Vec::new(); columns.len()];
        let mut is_sum = vec![false; columns.len()];
        for (place, row) in rows.iter().enumerate() {
            match (row.kind, row.whole) {
                (Kind::Sum, Some(whole)) => {
                    is_sum[whole] = true;
                    row.parts.iter().for_each(|part| sums_with[*part].push(whole));
                }
                (Kind::Sum, None) => {}
                (_, whole) => row.parts.iter().copied().chain(whole).for_each(|of| unions[of].push(place)),
            }
        }
        let mut together = Vec::new();
        let mut changing: Vec<Vec<usize>> = vec![Vec::new(); columns.len()];
        for of in (0..columns.len()).filter(|of| !is_sum[*of]) {
            let mut all = vec![of];
            let mut at = 0;
            while let Some(next) = all.get(at) {
                let wholes = sums_with[*next].iter().filter(|whole| !all.contains(*whole)).copied().collect::<Vec<_>>();
                for whole in wholes {
                    if !all.contains(&whole) {
                        all.push(whole);
                    }
                }
                at += 1;
            }
            for one in &all {
                changing[*one].push(together.len());
            }
            together.push(all);
        }
        Self { columns, rows, together, changing, unions }
    }

    /// A witness with one number as wanted, from one in which it is not.
    pub fn from(&self, start: &[u64], of: usize, at: u64) -> Option<Vec<u64>> {
        let mut numbers: Vec<i64> = start.iter().map(|number| i64::try_from(*number).ok()).collect::<Option<_>>()?;
        let range = |place: usize| if place == of { (at, Some(at)) } else { self.columns[place].within };
        // What stays wrong weighs more and more.
        let mut weights = vec![1_i64; numbers.len()];
        let mut lately = std::collections::VecDeque::from([(usize::MAX, 0); LATELY]);
        for _ in 0..STEPS {
            let mut worst = None;
            for place in 0..numbers.len() {
                let by = outside(range(place), numbers[place]);
                if by != 0 {
                    let weighed = weights[place] * by.abs();
                    weights[place] += 1;
                    worst = worst.max(Some((weighed, place, by)));
                }
            }
            let Some((_, worst, by)) = worst else {
                let found: Vec<u64> =
                    numbers.iter().map(|number| u64::try_from(*number).ok()).collect::<Option<_>>()?;
                return agrees(self.columns, self.rows, &found, &[]).then_some(found);
            };
            let step = -by.signum();
            let best = self.changing[worst].iter().min_by_key(|one| {
                let together = &self.together[**one];
                let change = |place: usize| {
                    outside(range(place), numbers[place] + step).abs() - outside(range(place), numbers[place]).abs()
                };
                let worse = together.iter().map(|place| weights[*place] * change(*place)).sum::<i64>();
                (lately.contains(&(**one, -step)), worse + self.unioned(&numbers, together, step))
            })?;
            self.together[*best].iter().for_each(|place| numbers[*place] += step);
            lately.pop_front();
            lately.push_back((*best, step));
        }
        None
    }

    /// How much worse a step makes the rows that are not sums.
    fn unioned(&self, numbers: &[i64], together: &[usize], step: i64) -> i64 {
        let mut rows: Vec<usize> = together.iter().flat_map(|place| &self.unions[*place]).copied().collect();
        rows.sort_unstable();
        rows.dedup();
        let broken = |row: &Row, number: &dyn Fn(usize) -> i64| {
            let whole = row.whole.map_or(0, number);
            let most = row.parts.iter().map(|part| number(*part)).max().unwrap_or(0);
            let sum: i64 = row.parts.iter().map(|part| number(*part)).sum();
            (most - whole).max(0) + if row.kind == Kind::Union { (whole - sum).max(0) } else { 0 }
        };
        let after = |place: usize| numbers[place] + if together.contains(&place) { step } else { 0 };
        rows.iter()
            .map(|row| broken(&self.rows[*row], &after) - broken(&self.rows[*row], &|place| numbers[place]))
            .sum()
    }
}

/// How far a number is above its range, or below it.
fn outside((from, to): Range, number: i64) -> i64 {
    let bound = |bound: u64| i64::try_from(bound).unwrap_or(i64::MAX);
    let below = (number - bound(from)).min(0);
    let above = to.map_or(0, |to| (number - bound(to)).max(0));
    below + above
}

/// What every number can be by each row alone, again and again: more than can be, never less.
pub(super) fn bounds(columns: &[Column], rows: &[Row]) -> Vec<Range> {
    let mut ranges: Vec<Range> = columns.iter().map(|column| column.within).collect();
    for _ in 0..ROUNDS {
        let before = ranges.clone();
        for row in rows {
            let least: u64 = row.parts.iter().map(|part| ranges[*part].0).sum();
            let most = row.parts.iter().map(|part| ranges[*part].1).sum::<Option<u64>>();
            let whole = row.whole.map_or((0, Some(0)), |whole| ranges[whole]);
            for part in &row.parts {
                let (from, to) = ranges[*part];
                let others = if row.kind == Kind::Sum { least - from } else { 0 };
                let to = to.into_iter().chain(whole.1.map(|whole| whole.saturating_sub(others))).min();
                let others = most.zip(ranges[*part].1).map(|(most, to)| most - to);
                let needed =
                    others.filter(|_| row.kind != Kind::Least).map_or(0, |others| whole.0.saturating_sub(others));
                ranges[*part] = (from.max(needed), to);
            }
            if let Some(whole) = row.whole {
                let largest = row.parts.iter().map(|part| before[*part].0).max().unwrap_or(0);
                let (from, to) = ranges[whole];
                let sum = most.filter(|_| row.kind != Kind::Least);
                let least = if row.kind == Kind::Sum { least } else { largest };
                ranges[whole] = (from.max(least), to.into_iter().chain(sum).min());
            }
        }
        if ranges == before {
            break;
        }
    }
    ranges
}
