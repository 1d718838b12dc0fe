//! Lines of comma-separated values (RFC 4180) that no spreadsheet takes for a
//! formula (OWASP: CSV injection).

use chatter_protocol::Millis;

/// One line with its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

/// Always in quotes. What a spreadsheet would calculate gets an apostrophe
/// first, which makes it text.
fn cell(text: &str) -> String {
    let inert = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        "'"
    } else {
        ""
    };
    format!("\"{inert}{}\"", text.replace('"', "\"\""))
}

/// As people and programs both read it: `2026-03-12T09:12:00Z`.
pub fn time(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_quotes_stay_inside() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(cell(formula), format!("\"'{formula}\""));
        }
        assert_eq!(
            line(["a", "b\"c", "d,e\nf", ""]),
            "\"a\",\"b\"\"c\",\"d,e\nf\",\"\"\r\n"
        );
    }

    #[test]
    fn a_time_reads_as_a_time() {
        assert_eq!(time(Millis(1_773_306_720_000)), "2026-03-12T09:12:00Z");
    }
}
