//! Text made safe for where it goes: markup and spreadsheets.

/// The text for HTML and XML, inside elements and quoted attributes; signs that XML forbids are dropped.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The text for a CSV cell: one that a spreadsheet would run as a formula gets an apostrophe in front.
pub(crate) fn csv_text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

/// As [`csv_text`], for names by which rows are told apart: one that has apostrophes before such a sign gets one more, so that two
/// names never become one. Not for files that are read and written again, whose guards would grow.
pub(crate) fn csv_name(name: &str) -> String {
    // What csv_text leaves as it is may be what it makes of another name.
    if csv_text(name.trim_start_matches('\'')).starts_with('\'') { format!("'{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(escape("<b a=\"1\">&'\u{0}"), "&lt;b a=&quot;1&quot;&gt;&amp;&#39; ");
    }

    #[test]
    fn a_cell_that_looks_like_a_formula_is_text() {
        assert_eq!(csv_text("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        for hostile in ["+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(csv_text(hostile).starts_with('\''), "{hostile:?}");
        }
        assert_eq!(csv_text("Aetna = CVS"), "Aetna = CVS");
        // Each its own: `=A`, `'=A` and `''=A` gain one apostrophe; one that guards nothing stays as it is.
        assert_eq!(["=A", "'=A", "''=A", "'A", "A"].map(csv_name), ["'=A", "''=A", "'''=A", "'A", "A"]);
    }
}
