//! Looks for whole numbers that agree with what is known.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, SolveOptions, Variable};

use super::known::Range;

/// A number that is not known.
pub(super) struct Column {
    pub within: Range,
    /// At a price for each by which it leaves its range it may be anything in this one.
    pub bent: Option<(f64, Range)>,
}

/// A whole and its parts. Without a whole they are all nought.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    pub whole: Option<usize>,
    pub parts: Vec<usize>,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Sum,
    Union,
    /// The whole is no less than each of the parts: of a union, when one of them is the whole.
    Least,
}

/// A linear programme, solved.
pub(super) struct Model {
    solution: Solution,
    variables: Vec<Bendable>,
}

struct Bendable {
    number: Variable,
    more: Option<Variable>,
    less: Option<Variable>,
}

/// More than this is never looked at.
const MANY: u64 = 1_000_000;

/// How often a fraction is made whole before the question is asked in whole numbers from the start, and how long that may
/// take: counted, not timed, so that the answer is always the same.
const DIVES: usize = 40;
const NODES: u64 = 2_000;

fn float(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

impl Model {
    /// With small wishes for some of the numbers: less than 0 for a large one.
    pub fn new(columns: &[Column], rows: &[Row], wishes: &[(usize, f64)]) -> Option<Self> {
        let (problem, variables) = programme(columns, rows, wishes, false, None);
        let solution = problem.solve().ok()?.into_solution().ok()?;
        Some(Self { solution, variables })
    }

    /// What it found, if these are whole numbers that agree with everything.
    pub fn numbers(&self, columns: &[Column], rows: &[Row]) -> Option<Vec<u64>> {
        let numbers = read(&self.solution, &self.variables)?;
        agrees(columns, rows, &numbers, &[]).then_some(numbers)
    }

    /// Numbers of which one is as wanted, and which of the others had to be bent for it.
    pub fn at(&self, columns: &[Column], rows: &[Row], of: usize, at: u64) -> Option<(Vec<u64>, Vec<usize>)> {
        let number = self.variables[of].number;
        let mut found = self.solution.clone().fix_var(number, float(at)).ok()?.into_solution().ok()?;
        let checked = |solution: &Solution, variables: &[Bendable]| {
            let numbers = read(solution, variables)?;
            let outside = |(place, column): &(usize, &Column)| !within(column.within, numbers[*place]);
            let bent: Vec<usize> = columns.iter().enumerate().filter(outside).map(|(place, _)| place).collect();
            (numbers[of] == at && agrees(columns, rows, &numbers, &bent)).then_some((numbers, bent))
        };
        // Where it finds fractions, one after the other is made whole.
        for _ in 0..DIVES {
            if let Some(checked) = checked(&found, &self.variables) {
                return Some(checked);
            }
            let Some((variable, value)) = fraction(&found, &self.variables) else { break };
            let fixed = |to: f64| found.clone().fix_var(variable, to).ok()?.into_solution().ok();
            let Some(next) = fixed(value.round()).or_else(|| fixed(value.floor() + value.ceil() - value.round()))
            else {
                break;
            };
            found = next;
        }
        let (problem, variables) = programme(columns, rows, &[], true, Some((of, at)));
        let mut options = SolveOptions::default();
        options.node_limit = Some(NODES);
        let solution = problem.solve_with(options).ok()?.into_solution().ok()?;
        checked(&solution, &variables)
    }
}

fn fraction(solution: &Solution, variables: &[Bendable]) -> Option<(Variable, f64)> {
    let all = variables.iter().flat_map(|Bendable { number, more, less }| [Some(*number), *more, *less]);
    let valued = all.flatten().map(|variable| (variable, solution.var_value(variable)));
    valued.into_iter().find(|(_, value)| (value - value.round()).abs() > 1e-4)
}

fn within((from, to): Range, number: u64) -> bool {
    from <= number && to.is_none_or(|to| number <= to)
}

fn read(solution: &Solution, variables: &[Bendable]) -> Option<Vec<u64>> {
    let value = |variable: Variable| solution.var_value(variable);
    let number = |bendable: &Bendable| {
        let number = value(bendable.number) + bendable.more.map_or(0.0, value) - bendable.less.map_or(0.0, value);
        let whole = number.round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number within these bounds"
        )]
        ((number - whole).abs() < 1e-4 && (0.0..1e15).contains(&whole.abs())).then_some(whole.abs() as u64)
    };
    variables.iter().map(number).collect()
}

/// Whether numbers agree with everything, reckoned in whole numbers.
pub(super) fn agrees(columns: &[Column], rows: &[Row], numbers: &[u64], bent: &[usize]) -> bool {
    let allowed = |(place, column): (usize, &Column)| {
        let looser = column.bent.filter(|_| bent.contains(&place)).map(|(_, range)| range);
        within(looser.unwrap_or(column.within), numbers[place])
    };
    columns.iter().enumerate().all(allowed)
        && rows.iter().all(|row| {
            let whole = row.whole.map_or(0, |whole| numbers[whole]);
            let sum: u64 = row.parts.iter().map(|part| numbers[*part]).sum();
            let most = row.parts.iter().map(|part| numbers[*part]).max().unwrap_or(0);
            match row.kind {
                Kind::Sum => whole == sum,
                Kind::Union => most <= whole && whole <= sum,
                Kind::Least => most <= whole,
            }
        })
}

fn programme(
    columns: &[Column],
    rows: &[Row],
    wishes: &[(usize, f64)],
    whole_numbers: bool,
    fixed: Option<(usize, u64)>,
) -> (Problem, Vec<Bendable>) {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut wish = vec![0.0; columns.len()];
    for (of, weight) in wishes {
        wish[*of] += weight;
    }
    let mut variables = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        let mut add = |price: f64, from: u64, to: Option<u64>| {
            if whole_numbers {
                let number = |number: u64| i32::try_from(number.min(MANY)).unwrap_or(i32::MAX);
                problem.add_integer_var(price, (number(from), number(to.unwrap_or(MANY))))
            } else {
                problem.add_var(price, (float(from), to.map_or(f64::INFINITY, float)))
            }
        };
        let (mut from, mut to) = column.within;
        if let Some((of, at)) = fixed
            && of == place
        {
            (from, to) = (at, Some(at));
        }
        let number = add(wish[place], from, to);
        let (mut more, mut less) = (None, None);
        if let Some((price, (least, most))) = column.bent
            && fixed.is_none_or(|(of, _)| of != place)
        {
            more = most.is_none().then(|| add(price, 0, None));
            less = (least < from).then(|| add(price, 0, Some(from - least)));
        }
        variables.push(Bendable { number, more, less });
    }
    let of = |place: usize, sign: f64| {
        let Bendable { number, more, less } = &variables[place];
        let more = more.iter().map(move |more| (*more, sign));
        let less = less.iter().map(move |less| (*less, -sign));
        more.chain(less).chain([(*number, sign)])
    };
    for row in rows {
        let whole = || row.whole.into_iter().flat_map(|whole| of(whole, 1.0));
        let sum: Vec<(Variable, f64)> = row.parts.iter().flat_map(|part| of(*part, -1.0)).chain(whole()).collect();
        match row.kind {
            Kind::Sum => problem.add_constraint(sum, ComparisonOp::Eq, 0.0),
            Kind::Union => problem.add_constraint(sum, ComparisonOp::Le, 0.0),
            Kind::Least => {}
        }
        if row.kind == Kind::Sum {
            continue;
        }
        for part in &row.parts {
            let larger: Vec<(Variable, f64)> = of(*part, -1.0).chain(whole()).collect();
            problem.add_constraint(larger, ComparisonOp::Ge, 0.0);
        }
    }
    (problem, variables)
}
