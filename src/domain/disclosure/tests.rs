//! Attacks. The attacker has everything that was published, knows every rule, and reckons without a mistake.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use Shown::{Few, Held};

fn sum(whole: usize, parts: impl IntoIterator<Item = usize>) -> Link {
    Link::Sum { whole, parts: parts.into_iter().collect() }
}

fn union(whole: usize, parts: impl IntoIterator<Item = usize>) -> Link {
    Link::Union { whole, parts: parts.into_iter().collect() }
}

fn grid(numbers: &[u64], links: Vec<Link>) -> Grid {
    let cells = numbers.iter().map(|number| Count { true_number: *number, single: false }).collect();
    Grid { cells, links, ..Grid::default() }
}

/// What rounding alone would show.
fn only_rounded(grid: &Grid) -> Vec<Shown> {
    grid.cells.iter().map(|cell| if cell.single { Held } else { known::rounded(cell.true_number) }).collect()
}

/// Every number that each cell can have, found by trying all tables of numbers up to a limit. She knows of a cell that is
/// held back whether it is a small number, and that a nought is never held back, but for the parts of what was published as
/// few.
fn possible(grid: &Grid, shown: &[Shown], limit: u64) -> Vec<BTreeSet<u64>> {
    let few_before = |cell: usize| grid.published.contains(&(cell, Few));
    let ranges = (0..grid.cells.len()).map(|cell| {
        let Count { true_number, single } = grid.cells[cell];
        let range = |shown: Shown| match shown {
            Shown::Count(0) => 0..=0,
            Shown::Count(number) => (number - 2).max(5)..=number + 2,
            Few => 1..=4,
            Held if single || grid.unseen.contains(&cell) || true_number == 0 => 0..=limit,
            Held if true_number >= 5 => 5..=limit,
            Held if grid.links.iter().any(|link| few_before(link.whole()) && link.parts().contains(&cell)) => 0..=limit,
            Held => 1..=limit,
        };
        let before =
            grid.published.iter().filter(|(published, _)| *published == cell).map(|(_, before)| range(*before));
        let all =
            before.fold(range(shown[cell]), |one, other| *one.start().max(other.start())..=*one.end().min(other.end()));
        all.collect::<Vec<u64>>()
    });
    let ranges: Vec<Vec<u64>> = ranges.collect();
    let mut found = vec![BTreeSet::new(); grid.cells.len()];
    // Parts first, so that a sum is known when its turn comes.
    let mut order: Vec<usize> = (0..grid.cells.len()).collect();
    order.sort_by_key(|cell| depth(grid, *cell));
    try_all(grid, &ranges, &order, &mut vec![None; grid.cells.len()], &mut found);
    found
}

fn depth(grid: &Grid, cell: usize) -> usize {
    let parts = grid.links.iter().filter(|link| link.whole() == cell).flat_map(Link::parts);
    parts.map(|part| depth(grid, *part) + 1).max().unwrap_or(0)
}

fn try_all(
    grid: &Grid,
    ranges: &[Vec<u64>],
    order: &[usize],
    table: &mut Vec<Option<u64>>,
    found: &mut [BTreeSet<u64>],
) {
    let Some((cell, rest)) = order.split_first() else {
        for (cell, number) in table.iter().enumerate() {
            found[cell].extend(number);
        }
        return;
    };
    let (mut least, mut most) = (0, u64::MAX);
    for link in grid.links.iter().filter(|link| link.whole() == *cell) {
        let parts = || link.parts().iter().filter_map(|part| table[*part]);
        let all: u64 = parts().sum();
        let largest = parts().max().unwrap_or(0);
        least = least.max(if matches!(link, Link::Sum { .. }) { all } else { largest });
        most = most.min(all);
    }
    for number in ranges[*cell].iter().filter(|number| (least..=most).contains(number)) {
        table[*cell] = Some(*number);
        try_all(grid, ranges, rest, table, found);
    }
    table[*cell] = None;
}

/// That an attacker who tries everything finds nothing out.
fn withstands(grid: &Grid, shown: &[Shown]) {
    assert_eq!(check(grid, shown), Ok(()), "{shown:?} of {grid:?}");
    let most = grid.cells.iter().map(|cell| cell.true_number).max().unwrap_or(0);
    let found = possible(grid, shown, most.max(8) + 4);
    for (cell, numbers) in found.iter().enumerate() {
        let number = grid.cells[cell].true_number;
        assert!(numbers.contains(&number), "the truth of {cell} is ruled out by {shown:?} of {grid:?}");
        match shown[cell] {
            Few => assert_eq!(*numbers, BTreeSet::from([1, 2, 3, 4]), "cell {cell}: {shown:?} of {grid:?}"),
            Held if (1..5).contains(&number) && !grid.unseen.contains(&cell) => {
                assert!(numbers.len() >= 4 && numbers.contains(&4), "cell {cell}, {numbers:?}: {shown:?} of {grid:?}");
            }
            _ => {}
        }
    }
}

/// A table of parts by times, with a whole of each row and column, and of everything: `number` of them, row by row.
fn two_ways(parts: &[Vec<u64>], times: fn(usize, std::ops::Range<usize>) -> Link) -> Grid {
    let (rows, columns) = (parts.len(), parts[0].len());
    let at = |row: usize, column: usize| row * (columns + 1) + column;
    let mut numbers = vec![0; (rows + 1) * (columns + 1)];
    for (row, cells) in parts.iter().enumerate() {
        for (column, number) in cells.iter().enumerate() {
            for (row, column) in [(row, column), (rows, column), (row, columns), (rows, columns)] {
                numbers[at(row, column)] += number;
            }
        }
    }
    let mut links: Vec<Link> = (0..=rows).map(|row| times(at(row, columns), at(row, 0)..at(row, columns))).collect();
    links.extend((0..=columns).map(|column| sum(at(rows, column), (0..rows).map(|row| at(row, column)))));
    grid(&numbers, links)
}

#[rstest]
#[case(0, Shown::Count(0))]
#[case(1, Few)]
#[case(4, Few)]
#[case(5, Shown::Count(5))]
#[case(7, Shown::Count(5))]
#[case(8, Shown::Count(10))]
#[case(12, Shown::Count(10))]
#[case(13, Shown::Count(15))]
#[case(1_002, Shown::Count(1_000))]
fn s40_a_count_is_shown_rounded_from_its_true_value(#[case] number: u64, #[case] shown: Shown) {
    assert_eq!(protect(&grid(&[number], vec![])), [shown]);
}

/// With whether rounding alone gives something away.
#[rstest]
#[case::five_of_one(true, grid(&[1, 1, 1, 1, 1, 5], vec![sum(5, 0..5)]))]
#[case::a_total_minus_its_other_part(true, grid(&[6, 1, 7], vec![sum(2, 0..2)]))]
#[case::a_total_minus_all_its_other_parts(true, grid(&[8, 1, 1, 10], vec![sum(3, 0..3)]))]
#[case::a_total_in_the_middle(false, grid(&[9, 7, 3, 19], vec![sum(3, 0..3)]))]
#[case::two_small_parts_of_a_small_whole(true, grid(&[1, 2, 3], vec![sum(2, 0..2)]))]
#[case::quarters_against_the_year(true, grid(&[1, 0, 2, 1, 4], vec![sum(4, 0..4)]))]
#[case::three_large_quarters(true, grid(&[7, 7, 7, 4, 25], vec![sum(4, 0..4)]))]
#[case::people_who_came_back(false, grid(&[2, 3, 3], vec![union(2, 0..2)]))]
#[case::people_who_did_not_come_back(true, grid(&[4, 4, 8], vec![union(2, 0..2)]))]
#[case::district_county_whole(true, grid(&[1, 6, 7, 6, 13], vec![sum(2, 0..2), sum(4, [2, 3])]))]
#[case::both_margins(true, two_ways(&[vec![1, 6], vec![6, 1]], sum))]
fn s40_what_rounding_alone_gives_away_is_held_back(#[case] leaks: bool, #[case] grid: Grid) {
    let shown = protect(&grid);
    withstands(&grid, &shown);
    assert!(check(&grid, &only_rounded(&grid)).is_ok() != leaks);
}

#[test]
fn s40_the_check_finds_what_rounding_alone_gives_away() {
    let classic = grid(&[1, 1, 1, 1, 1, 5], vec![sum(5, 0..5)]);
    assert_eq!(check(&classic, &only_rounded(&classic)), Err(vec![0, 1, 2, 3, 4]));
    assert_eq!(protect(&classic), [Few, Few, Few, Few, Few, Held]);
    let minus = grid(&[6, 1, 7], vec![sum(2, 0..2)]);
    assert_eq!(check(&minus, &only_rounded(&minus)), Err(vec![1]));
    // What is not told as the rules say is found as well.
    assert_eq!(check(&minus, &[Shown::Count(5), Shown::Count(0), Held]), Err(vec![1]));
    assert_eq!(check(&minus, &[Held, Few]), Err(vec![0, 1, 2]));
}

#[test]
fn s40_of_one_home_nothing_is_shown_and_nothing_can_be_told() {
    let mut one = grid(&[9, 30, 39], vec![sum(2, 0..2)]);
    one.cells[0].single = true;
    let shown = protect(&one);
    assert_eq!(shown[0], Held);
    assert!(shown.iter().filter(|shown| **shown == Held).count() > 1, "{shown:?}");
    assert_eq!(check(&one, &shown), Ok(()));
    assert_eq!(check(&one, &[Held, Shown::Count(30), Shown::Count(40)]), Err(vec![0]));
}

#[test]
fn s40_what_is_the_same_people_is_shown_the_same() {
    // A district with one service is that service; a county in which only one district has anybody is that district.
    let mut alone = grid(&[6, 6, 0, 6, 20, 26], vec![sum(1, [0]), sum(3, [1, 2]), sum(5, [3, 4])]);
    let shown = protect(&alone);
    assert!(shown[0] == shown[1] && shown[1] == shown[3], "{shown:?}");
    alone.cells[0].single = true;
    let shown = protect(&alone);
    assert_eq!((shown[0], shown[1], shown[3]), (Held, Held, Held));
    assert_eq!(check(&alone, &shown), Ok(()));
}

#[test]
fn s40_a_rest_that_is_nowhere_published_gives_nothing_away() {
    // 8 and 2 are shown of 12; the rest of 2 is known to exist.
    let mut rest = grid(&[8, 2, 2, 12], vec![sum(3, 0..3)]);
    rest.unseen = vec![2];
    let shown = protect(&rest);
    assert_eq!(shown[2], Held);
    withstands(&rest, &shown);
}

/// The quarters of a year appear one after the other; then the year.
#[rstest]
#[case([1, 1, 1, 0])]
#[case([6, 2, 7, 8])]
#[case([1, 1, 2, 1])]
#[case([9, 9, 9, 1])]
#[case([0, 0, 3, 0])]
fn s40_consecutive_releases_give_nothing_away(#[case] quarters: [u64; 4]) {
    let mut published = Vec::new();
    for number in 0..4 {
        let quarter = Grid { published: published.clone(), ..grid(&quarters[..=number], vec![]) };
        let shown = protect(&quarter);
        withstands(&quarter, &shown);
        published = shown.into_iter().enumerate().collect();
    }
    let mut numbers = quarters.to_vec();
    numbers.push(quarters.iter().sum());
    let year = Grid { published: published.clone(), ..grid(&numbers, vec![sum(4, 0..4)]) };
    let shown = protect(&year);
    withstands(&year, &shown);
    assert!(published.iter().all(|(cell, before)| shown[*cell] == *before));
    // And anew, with the year among what was published.
    let again = Grid { published: shown.iter().copied().enumerate().collect(), ..year };
    assert_eq!(protect(&again), shown);
}

#[rstest]
#[case([1, 1, 1, 0])]
#[case([3, 0, 0, 0])]
#[case([2, 5, 1, 0])]
#[case([0, 0, 0, 0])]
fn s40_parts_that_appear_after_their_whole_give_nothing_away(#[case] quarters: [u64; 4]) {
    let mut numbers = quarters.to_vec();
    numbers.push(quarters.iter().sum());
    let before = protect(&grid(&numbers[4..], vec![]))[0];
    let year = Grid { published: vec![(4, before)], ..grid(&numbers, vec![sum(4, 0..4)]) };
    let shown = protect(&year);
    assert_eq!(shown[4], before);
    withstands(&year, &shown);
    if before == Few {
        assert_eq!(shown[..4], [Held; 4], "not even which of them are nought");
    }
}

#[test]
fn s40_percentages_say_no_more_than_what_is_shown() {
    let mut said: BTreeMap<(Shown, Shown), Option<u64>> = BTreeMap::new();
    for whole in 0..60 {
        for part in 0..=whole {
            let (part, whole) = (known::rounded(part), known::rounded(whole));
            let share = share(part, whole).map(f64::to_bits);
            assert_eq!(*said.entry((part, whole)).or_insert(share), share);
            let base = matches!(whole, Shown::Count(10..));
            assert_eq!(share.is_some(), base && matches!(part, Shown::Count(_)));
        }
    }
    assert_eq!(share(Shown::Count(5), Shown::Count(15)), Some(33.0));
    assert_eq!(share(Shown::Count(5), Shown::Count(40)), Some(13.0));
    assert_eq!(share(Shown::Count(5), Shown::Count(5)), None);
    assert_eq!(share(Shown::Count(0), Shown::Count(10)), Some(0.0));
    assert_eq!((share(Few, Shown::Count(10)), share(Shown::Count(10), Held)), (None, None));
}

/// Who knows the whole procedure can ask which tables it would have shown like this. Of a whole and its parts that is all.
#[rstest]
#[case::two(2, 32)]
#[case::three(3, 20)]
#[case::four(4, 11)]
fn s40_running_the_procedure_backwards_gives_nothing_away(#[case] parts: u32, #[case] limit: u64) {
    let mut by_picture: BTreeMap<Vec<Shown>, Vec<Vec<u64>>> = BTreeMap::new();
    for number in 0..limit.pow(parts) {
        let mut table: Vec<u64> = (0..parts).map(|place| number / limit.pow(place) % limit).collect();
        table.push(table.iter().sum());
        let whole = table.len() - 1;
        let shown = protect(&grid(&table, vec![sum(whole, 0..whole)]));
        by_picture.entry(shown).or_default().push(table);
    }
    for (shown, tables) in by_picture {
        // Every number that a part can be has to have been tried.
        let (whole, parts) = shown.split_last().unwrap();
        let within = |shown: &Shown| !matches!(shown, Shown::Count(number) if number + 2 >= limit);
        if !parts.iter().all(within) || parts.contains(&Held) && (*whole == Held || !within(whole)) {
            continue;
        }
        for cell in (0..shown.len()).filter(|cell| shown[*cell] == Few) {
            let numbers: BTreeSet<u64> = tables.iter().map(|table| table[cell]).collect();
            assert_eq!(numbers, BTreeSet::from([1, 2, 3, 4]), "cell {cell} of {shown:?}");
        }
    }
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(0_u64), 6 => 1..5_u64, 4 => 5..9_u64, 1 => 9..40_u64]
}

fn small() -> impl Strategy<Value = u64> + Clone {
    prop_oneof![2 => Just(0_u64), 5 => 1..5_u64, 3 => 5..8_u64]
}

type Sizes = std::ops::RangeInclusive<usize>;

fn table(
    rows: Sizes,
    columns: Sizes,
    number: impl Strategy<Value = u64> + Clone,
) -> impl Strategy<Value = Vec<Vec<u64>>> {
    (rows, columns).prop_flat_map(move |(rows, columns)| {
        prop::collection::vec(prop::collection::vec(number.clone(), columns), rows)
    })
}

/// Districts by reason by quarter, with every whole: quarters of a year, reasons together, a county and everything.
fn three_ways(numbers: &[Vec<Vec<u64>>], county: usize) -> Grid {
    let (areas, reasons, quarters) = (numbers.len(), numbers[0].len(), numbers[0][0].len());
    let (all_areas, all_reasons, all_quarters) = (areas + 2, reasons + 1, quarters + 1);
    let at = |area: usize, reason: usize, quarter: usize| (area * all_reasons + reason) * all_quarters + quarter;
    let mut cells = vec![0; all_areas * all_reasons * all_quarters];
    for (area, reasons_of) in numbers.iter().enumerate() {
        for (reason, quarters_of) in reasons_of.iter().enumerate() {
            for (quarter, number) in quarters_of.iter().enumerate() {
                let wholes: &[usize] = if area < county { &[area, areas, areas + 1] } else { &[area, areas + 1] };
                for area in wholes {
                    for (reason, quarter) in
                        [(reason, quarter), (reasons, quarter), (reason, quarters), (reasons, quarters)]
                    {
                        cells[at(*area, reason, quarter)] += number;
                    }
                }
            }
        }
    }
    let mut links = Vec::new();
    for area in 0..all_areas {
        links.extend(
            (0..all_reasons).map(|reason| sum(at(area, reason, quarters), (0..quarters).map(|q| at(area, reason, q)))),
        );
        links.extend(
            (0..all_quarters).map(|q| sum(at(area, reasons, q), (0..reasons).map(|reason| at(area, reason, q)))),
        );
    }
    for reason in 0..all_reasons {
        for quarter in 0..all_quarters {
            links.push(sum(at(areas, reason, quarter), (0..county).map(|area| at(area, reason, quarter))));
            links.push(sum(at(areas + 1, reason, quarter), (county..=areas).map(|area| at(area, reason, quarter))));
        }
    }
    grid(&cells, links)
}

fn history() -> impl Strategy<Value = (Vec<Vec<Vec<u64>>>, usize)> {
    let sizes = (2..=4_usize, 1..=3_usize, 1..=3_usize);
    let numbers = sizes.prop_flat_map(|(areas, reasons, quarters)| {
        let one = prop::collection::vec(prop::collection::vec(number(), quarters), reasons);
        (prop::collection::vec(one, areas), 1..areas)
    });
    numbers.boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Tables with both margins, against somebody who tries every table of whole numbers.
    #[test]
    fn s40_an_attacker_who_tries_everything_finds_nothing_out(
        parts in table(1..=2, 1..=3, small()),
        single in prop::option::weighted(0.3, 0..20_usize),
        unions in any::<bool>(),
    ) {
        let mut grid = two_ways(&parts, if unions { union } else { sum });
        if let Some(cell) = single {
            let inner = parts[0].len() + 1;
            grid.cells[cell % inner % parts[0].len()].single = true;
        }
        let shown = protect(&grid);
        withstands(&grid, &shown);
    }

    /// Districts, counties and everything, reasons, quarters and the year.
    #[test]
    fn s40_whatever_is_shown_leaves_every_small_number_open((numbers, county) in history(), single in any::<bool>()) {
        let mut grid = three_ways(&numbers, county);
        // A service of one home: one district, whatever is counted of it.
        let district = grid.cells.len() / (numbers.len() + 2);
        grid.cells[..district].iter_mut().for_each(|cell| cell.single = single);
        let shown = protect(&grid);
        prop_assert_eq!(check(&grid, &shown), Ok(()));
        for (cell, count) in grid.cells.iter().enumerate() {
            let honest = shown[cell] == Held || shown[cell] == known::rounded(count.true_number);
            prop_assert!(honest && (!count.single || shown[cell] == Held));
            prop_assert!(count.true_number > 0 || shown[cell] == Shown::Count(0) || known::Known::of(&grid).single[cell]);
        }
        prop_assert_eq!(protect(&grid), shown);
    }

    /// Nothing but the rounded numbers decides.
    #[test]
    fn s40_tables_that_look_the_same_rounded_are_shown_the_same((numbers, county) in history(), other in any::<u64>()) {
        let grid = three_ways(&numbers, county);
        let mut same = grid.clone();
        for (cell, count) in same.cells.iter_mut().enumerate() {
            let different = (other >> (cell % 60)) % 5;
            count.true_number = match known::rounded(count.true_number) {
                Shown::Count(0) => 0,
                Few => 1 + different % 4,
                Shown::Count(5) => 5 + different % 3,
                Shown::Count(number) => number - 2 + different,
                Held => count.true_number,
            };
        }
        prop_assert_eq!(protect(&same), protect(&grid));
    }

    /// Quarter after quarter is published and cannot be taken back, then the year.
    #[test]
    fn s40_releases_together_leave_every_small_number_open((numbers, county) in history()) {
        let whole = three_ways(&numbers, county);
        let quarters = numbers[0][0].len();
        let of_quarter = |cell: usize| cell % (quarters + 1);
        let mut published: Vec<(usize, Shown)> = Vec::new();
        for now in 0..=quarters {
            // What is not published yet does not exist.
            let known: Vec<usize> = (0..whole.cells.len()).filter(|cell| of_quarter(*cell) <= now).collect();
            let place = |cell: &usize| known.binary_search(cell).ok();
            let links = whole.links.iter().filter_map(|link| {
                let parts = link.parts().iter().map(place).collect::<Option<Vec<usize>>>()?;
                Some(sum(place(&link.whole())?, parts))
            });
            let release = Grid {
                cells: known.iter().map(|cell| whole.cells[*cell]).collect(),
                links: links.collect(),
                published: published.iter().filter_map(|(cell, shown)| Some((place(cell)?, *shown))).collect(),
                unseen: vec![],
            };
            let shown = protect(&release);
            prop_assert_eq!(check(&release, &shown), Ok(()));
            for (cell, before) in &release.published {
                prop_assert_eq!(shown[*cell], *before);
            }
            published = known.iter().copied().zip(shown).collect();
        }
    }
}
