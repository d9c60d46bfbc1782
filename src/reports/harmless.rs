//! Text that goes into a file of values.

/// A cell that no spreadsheet takes for a formula. (S30)
pub fn harmless(cell: &str) -> String {
    if starts_a_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// Whether a spreadsheet that reads this text could take it for a formula.
pub fn starts_a_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// S30
    #[rstest]
    #[case("Brookes House", "Brookes House")]
    #[case("=HYPERLINK(\"//x\")", "'=HYPERLINK(\"//x\")")]
    #[case("+44", "'+44")]
    #[case("-1", "'-1")]
    #[case("@SUM(A1)", "'@SUM(A1)")]
    #[case("\t=1", "'\t=1")]
    fn s30_no_cell_starts_a_formula(#[case] cell: &str, #[case] written: &str) {
        assert_eq!(harmless(cell), written);
    }
}
