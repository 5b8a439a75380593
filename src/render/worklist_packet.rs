//! A letter to a payer as Markdown and as HTML. Every text of the data is escaped; nothing is loaded from anywhere.

use std::fmt::Write as _;

use super::escape::escape;
use super::words::date;
use crate::worklist::packet::{Packet, PacketLine, RECORD};

/// The columns of the table of lines; figures from the fifth on.
const HEADERS: [&str; 10] =
    ["Claim", "Service", "Code", "Place", "Units", "Charge", "Expected", "Allowed", "Missing", "Rule"];
const FIRST_FIGURE: usize = 4;

fn cells(line: &PacketLine<'_>) -> [String; 10] {
    let item = line.item;
    let modifiers = item.modifiers.to_string();
    let code = if modifiers.is_empty() { item.code.to_string() } else { format!("{}-{modifiers}", item.code) };
    [
        format!("{} line {}", item.claim_id, item.line_number),
        date(item.service_date),
        code,
        item.pos.map(|p| p.to_string()).unwrap_or_default(),
        item.units.to_string(),
        item.charge.pretty(),
        item.expected.pretty(),
        item.allowed.pretty(),
        item.amount.pretty(),
        line.rule.clone(),
    ]
}

/// What both forms say, as paragraphs: subject, then the argument.
fn subject(packet: &Packet<'_>) -> String {
    let n = packet.lines.len();
    format!(
        "{n} service line{} short of {}: {}",
        if n == 1 { "" } else { "s" },
        packet.missing.pretty(),
        packet.cause.label().to_lowercase()
    )
}

fn reasons(packet: &Packet<'_>) -> Option<String> {
    (!packet.reasons.is_empty()).then(|| format!("Your remittances give the reason {}.", packet.reasons.join(", ")))
}

fn ndcs(packet: &Packet<'_>) -> Option<String> {
    (!packet.ndcs.is_empty()).then(|| format!("NDC on the claims: {}", packet.ndcs.join(", ")))
}

const SYNTHETIC: &str = "Synthetic demonstration data: this payer and these claims do not exist.";
const RECORD_TITLE: &str = "Each record of an injection shows";

/// The letter as Markdown.
#[must_use]
pub fn markdown(packet: &Packet<'_>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}\n", md(&subject(packet)));
    if packet.synthetic {
        let _ = writeln!(out, "> {SYNTHETIC}\n");
    }
    let _ = writeln!(out, "To: {}  \nFrom: {}  \nDate: {}\n", md(packet.payer), md(packet.practice), date(packet.day));
    let _ = writeln!(out, "{}\n", packet.argument);
    if let Some(reasons) = reasons(packet) {
        let _ = writeln!(out, "{}\n", md(&reasons));
    }
    let _ = writeln!(out, "{}\n\n## Basis of the expected amounts\n", packet.asked);
    for citation in &packet.citations {
        let source = citation.source.as_deref().map(|s| format!(" ({})", md(s))).unwrap_or_default();
        let _ = writeln!(out, "- {}: {}{source}", citation.letter, md(&citation.rule));
    }
    let _ = writeln!(out, "\n## Lines\n\n| {} |", HEADERS.join(" | "));
    let rule: Vec<&str> =
        (0..HEADERS.len()).map(|i| if i >= FIRST_FIGURE && i + 1 < HEADERS.len() { "--:" } else { "---" }).collect();
    let _ = writeln!(out, "| {} |", rule.join(" | "));
    for line in &packet.lines {
        let _ = writeln!(out, "| {} |", cells(line).map(|c| md(&c)).join(" | "));
    }
    let _ = writeln!(out, "\nMissing on all lines: **{}**\n\n## Enclosed\n", packet.missing.pretty());
    for item in packet.evidence {
        let _ = writeln!(out, "- [ ] {}", md(item));
    }
    let _ = writeln!(out, "\n{RECORD_TITLE}:\n");
    for item in RECORD {
        let _ = writeln!(out, "- [ ] {item}");
    }
    if let Some(ndcs) = ndcs(packet) {
        let _ = writeln!(out, "\n{}", md(&ndcs));
    }
    let _ = writeln!(
        out,
        "\nSigned: ______________________________  \nName and title: ______________________________  \nTelephone: ______________________________\n"
    );
    let _ = writeln!(
        out,
        "<!-- Send by {}. Fill in the address, the account and the signature; check every sentence and enclosure. -->",
        date(packet.send_by)
    );
    out
}

/// Text that Markdown leaves alone.
fn md(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

const STYLE: &str = "\
body{font:15px/1.5 Inter,'Helvetica Neue',Arial,sans-serif;color:#1f2933;background:#fff;max-width:980px;margin:40px auto;padding:0 24px}\
h1{font-size:22px;line-height:1.3;margin:0 0 20px}h2{font-size:16px;margin:28px 0 8px}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0 0 20px}dt{color:#52606d}dd{margin:0}\
table{border-collapse:collapse;width:100%;font-size:13px}th,td{padding:5px 8px;text-align:left;border-bottom:1px solid #e4e9ee;white-space:nowrap}\
th{border-bottom:2px solid #9aa5b1;vertical-align:bottom}.n{text-align:right;font-variant-numeric:tabular-nums}\
tfoot td{font-weight:600;border-top:2px solid #9aa5b1;border-bottom:0}ol,ul{margin:0;padding-left:22px}.tick{list-style:none;padding-left:0;columns:2}\
.tick li{padding:2px 0 2px 26px;position:relative;break-inside:avoid}.tick li:before{content:'';position:absolute;left:2px;top:6px;width:12px;height:12px;border:1px solid #52606d;border-radius:2px}\
.sign{display:grid;grid-template-columns:repeat(3,1fr);gap:24px;margin-top:56px}.sign div{border-top:1px solid #52606d;padding-top:4px;color:#52606d;font-size:13px}\
.note{color:#52606d;font-size:13px;border-left:3px solid #9aa5b1;padding-left:10px}\
@media print{body{margin:0;max-width:none;padding:0}.office{display:none}thead{display:table-header-group}tr{break-inside:avoid}}";

/// The letter as one HTML page.
#[must_use]
pub fn html(packet: &Packet<'_>) -> String {
    let mut out = String::new();
    let title = escape(&subject(packet));
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<p class=\"note office\">Send by {}. Fill in \
         the address, the account and the signature; check every sentence and enclosure. This line is not printed.</p>\n",
        date(packet.send_by)
    );
    if packet.synthetic {
        let _ = writeln!(out, "<p class=\"note\">{SYNTHETIC}</p>");
    }
    let _ = write!(
        out,
        "<h1>{title}</h1>\n<dl><dt>To</dt><dd>{}</dd><dt>From</dt><dd>{}</dd><dt>Date</dt><dd>{}</dd></dl>\n<p>{}</p>\n",
        escape(packet.payer),
        escape(packet.practice),
        date(packet.day),
        escape(packet.argument)
    );
    if let Some(reasons) = reasons(packet) {
        let _ = writeln!(out, "<p>{}</p>", escape(&reasons));
    }
    let _ = writeln!(out, "<p>{}</p>\n<h2>Basis of the expected amounts</h2>\n<ul>", escape(packet.asked));
    for citation in &packet.citations {
        let source = citation.source.as_deref().map(|s| format!(" ({})", escape(s))).unwrap_or_default();
        let _ = writeln!(out, "<li>{}: {}{source}</li>", citation.letter, escape(&citation.rule));
    }
    out.push_str("</ul>\n<h2>Lines</h2>\n<table>\n<thead><tr>");
    let class = |i: usize| if i >= FIRST_FIGURE && i + 1 < HEADERS.len() { " class=\"n\"" } else { "" };
    for (i, header) in HEADERS.iter().enumerate() {
        let _ = write!(out, "<th scope=\"col\"{}>{header}</th>", class(i));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for line in &packet.lines {
        out.push_str("<tr>");
        for (i, cell) in cells(line).iter().enumerate() {
            let _ = write!(out, "<td{}>{}</td>", class(i), escape(cell));
        }
        out.push_str("</tr>\n");
    }
    let _ = write!(
        out,
        "</tbody>\n<tfoot><tr><td colspan=\"8\">All lines</td><td class=\"n\">{}</td><td></td></tr></tfoot>\n</table>\n\
         <h2>Enclosed</h2>\n<ul class=\"tick\">\n",
        packet.missing.pretty()
    );
    for item in packet.evidence {
        let _ = writeln!(out, "<li>{}</li>", escape(item));
    }
    let _ = writeln!(out, "</ul>\n<h2>{RECORD_TITLE}</h2>\n<ul class=\"tick\">");
    for item in RECORD {
        let _ = writeln!(out, "<li>{item}</li>");
    }
    out.push_str("</ul>\n");
    if let Some(ndcs) = ndcs(packet) {
        let _ = writeln!(out, "<p>{}</p>", escape(&ndcs));
    }
    out.push_str("<div class=\"sign\"><div>Signature</div><div>Name and title</div><div>Telephone</div></div>\n</body>\n</html>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_number_is_no_markup() {
        assert_eq!(md("A|B_<i>*"), "A\\|B\\_&lt;i&gt;\\*");
        assert_eq!(md("a\nb"), "a b");
    }
}
