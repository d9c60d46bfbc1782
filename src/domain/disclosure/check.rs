//! Asks anew whether what is shown is safe, without anything that `protect` did.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, Variable};

use super::known::Known;
use super::{Grid, Link, Shown};

/// Whether nobody can work out a small number from all of this, with what was published before. (S40)
///
/// # Errors
/// The cells that are not safe, or not what the rules say: all of them when the picture contradicts itself.
pub fn check(grid: &Grid, shown: &[Shown]) -> Result<(), Vec<usize>> {
    let known = Known::of(grid);
    let everything: Vec<usize> = (0..grid.cells.len()).collect();
    if shown.len() != grid.cells.len() {
        return Err(everything);
    }
    let mut wrong: Vec<usize> =
        everything.iter().copied().filter(|cell| !told_rightly(&known, *cell, shown[*cell])).collect();
    let parts = components(grid);
    for component in 0..grid.cells.len() {
        let cells: Vec<usize> = everything.iter().copied().filter(|cell| parts[*cell] == component).collect();
        if cells.is_empty() {
            continue;
        }
        let Some((possible, variables)) = possible(grid, &known, shown, &cells) else {
            wrong.extend(cells);
            continue;
        };
        for cell in &cells {
            let at = variables[*cell];
            let least = |number: f64| reaches(&possible, at, ComparisonOp::Le, number);
            let most = |number: f64| reaches(&possible, at, ComparisonOp::Ge, number);
            let rounded = known.rounded(*cell);
            let safe = match (rounded, shown[*cell]) {
                (Shown::Count(0), _) => true,
                (Shown::Count(number), _) if known.single[*cell] => {
                    least(1.0) && most(f64::from(u32::try_from(number).unwrap_or(u32::MAX)) + 2.0)
                }
                (Shown::Count(_), _) => true,
                (_, Shown::Held) if known.whole_unsaid(*cell) => most(7.0),
                _ => least(1.0) && most(4.0),
            };
            if !safe {
                wrong.push(*cell);
            }
        }
    }
    wrong.sort_unstable();
    wrong.dedup();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn told_rightly(known: &Known, cell: usize, shown: Shown) -> bool {
    match known.published[cell] {
        Some(before) => shown == before,
        None if known.single[cell] || known.unseen[cell] => shown == Shown::Held,
        None => shown == Shown::Held || shown == known.rounded(cell),
    }
}

/// A number for each cell, the same for those that hang together.
fn components(grid: &Grid) -> Vec<usize> {
    let mut of: Vec<usize> = (0..grid.cells.len()).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for link in &grid.links {
            let all = || link.parts().iter().copied().chain([link.whole()]);
            let least = all().map(|cell| of[cell]).min().unwrap_or(0);
            for cell in all() {
                changed |= of[cell] != least;
                of[cell] = least;
            }
        }
    }
    of
}

/// All that could be, for one component; `None` when nothing could.
fn possible(grid: &Grid, known: &Known, shown: &[Shown], cells: &[usize]) -> Option<(Solution, Vec<Variable>)> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let nothing = problem.add_var(0.0, (0.0, 0.0));
    let mut variables = vec![nothing; grid.cells.len()];
    let number = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    for cell in cells {
        let mut range = known.range(*cell, shown[*cell]);
        for (_, before) in grid.published.iter().filter(|(published, _)| published == cell) {
            let (from, to) = known.range(*cell, *before);
            range = (range.0.max(from), range.1.into_iter().chain(to).min());
        }
        if range.1.is_some_and(|to| to < range.0) {
            return None;
        }
        variables[*cell] = problem.add_var(0.0, (number(range.0), range.1.map_or(f64::INFINITY, number)));
    }
    for link in grid.links.iter().filter(|link| cells.contains(&link.whole())) {
        let whole = variables[link.whole()];
        let sum = || link.parts().iter().map(|part| (variables[*part], -1.0)).chain([(whole, 1.0)]).collect::<Vec<_>>();
        match link {
            Link::Sum { .. } => problem.add_constraint(sum(), ComparisonOp::Eq, 0.0),
            Link::Union { parts, .. } => {
                problem.add_constraint(sum(), ComparisonOp::Le, 0.0);
                for part in parts {
                    problem.add_constraint([(whole, 1.0), (variables[*part], -1.0)], ComparisonOp::Ge, 0.0);
                }
            }
        }
    }
    let solution = problem.solve().ok()?.into_solution().ok()?;
    Some((solution, variables))
}

fn reaches(possible: &Solution, cell: Variable, towards: ComparisonOp, number: f64) -> bool {
    possible.clone().add_constraint([(cell, 1.0)], towards, number).is_ok()
}
