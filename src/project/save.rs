//! Writing a column mapping into the text of a project file, leaving everything else of the text as it is.

use std::fmt::Write as _;

/// The text with the table `[columns."FILE"]` replaced or added at the end. Fields stand in the order given.
#[must_use]
pub fn with_columns(text: &str, file: &str, mapping: &[(String, String)]) -> String {
    let header = format!("[columns.{}]", quoted(file));
    let mut block = format!("{header}\n");
    for (field, column) in mapping {
        let _ = writeln!(block, "{field} = {}", quoted(column));
    }
    let mut out = String::with_capacity(text.len() + block.len());
    let (mut inside, mut placed) = (false, false);
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed == header && !placed {
            out.push_str(&block);
            (inside, placed) = (true, true);
            continue;
        }
        // The old table ends at the next table, at a blank line or at a comment.
        if inside && (trimmed.is_empty() || trimmed.starts_with('[') || trimmed.starts_with('#')) {
            inside = false;
        }
        if !inside {
            out.push_str(line);
        }
    }
    if !placed {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push('\n');
        out.push_str(&block);
    }
    out
}

/// The `[[schedule]]` table of a schedule, as it is written into a project file; `kind` is `contract` or `medicaid`.
#[must_use]
pub fn schedule_lines(name: &str, path: &str, kind: &str) -> String {
    format!("[[schedule]]\nname = {}\npath = {}\nkind = {}\n", quoted(name), quoted(path), quoted(kind))
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
