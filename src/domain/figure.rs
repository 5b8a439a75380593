//! A figure as people write it in tables: digits with a point, and perhaps commas between thousands.

use rust_decimal::Decimal;

/// Reads `1,234.50`, `1234.50` or `13`, with a sign if there is one. A comma is taken only where it parts thousands
/// (`\d{1,3}(,\d{3})+`): `13,54` and `1.234,50` are decimal commas of other countries, and leaving their commas out would make
/// the figure a hundred times too great. `None` for everything else.
///
/// `0,125` is refused, too: no thousands begin with a zero.
#[must_use]
pub fn grouped_decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.contains(',') {
        let whole = unsigned.split('.').next().unwrap_or_default();
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let leads = (1..=3).contains(&first.len()) && digits(first) && !first.starts_with('0');
        let rest: Vec<&str> = groups.collect();
        // A comma behind the point parts nothing.
        let parted = rest.iter().all(|part| part.len() == 3 && digits(part)) && !unsigned[whole.len()..].contains(',');
        if !leads || rest.is_empty() || !parted {
            return None;
        }
        return Decimal::from_str_exact(&text.replace(',', "")).ok();
    }
    Decimal::from_str_exact(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_parts_thousands_or_the_figure_is_refused() {
        let read = |text| grouped_decimal(text).map(|figure| figure.to_string());
        for (text, figure) in [
            ("13.54", "13.54"),
            ("1,234.567", "1234.567"),
            ("12,345,678", "12345678"),
            ("-1,234.5", "-1234.5"),
            ("999", "999"),
        ] {
            assert_eq!(read(text).as_deref(), Some(figure), "{text}");
        }
        for text in
            ["13,54", "1.234,50", "0,125", "0,500", "1234,567", "1,23,456", ",125", "1,", "1.5,000", "", "a,123"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
