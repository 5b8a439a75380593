//! Reads back what the workbook holds, straight from its XML: the type of a cell is the point of the tests.

use std::io::{Cursor, Read as _};

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// The text of a number, as in the file.
    Number(String),
    Text(String),
}

pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) xml: String,
    strings: Vec<String>,
    formats: Vec<String>,
}

pub(crate) struct Book {
    pub(crate) sheets: Vec<Sheet>,
}

/// The content of the attribute in a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()
}

fn unescape(text: &str) -> String {
    // Excel writes control signs as _x001B_.
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("_x001B_", "\u{1b}").replace("&amp;", "&")
}

/// The elements of this name, with their content.
fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name}");
    xml.split(&open)
        .skip(1)
        .filter(|rest| rest.starts_with([' ', '>', '/']))
        .map(|rest| rest.split(&format!("</{name}>")).next().unwrap_or(rest))
        .collect()
}

impl Book {
    pub(crate) fn open(bytes: &[u8]) -> Self {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut part = |name: &str| {
            let mut text = String::new();
            zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let strings: Vec<String> = elements(&part("xl/sharedStrings.xml"), "si")
            .iter()
            .map(|si| elements(si, "t").iter().map(|t| unescape(t.split_once('>').unwrap().1)).collect())
            .collect();
        let styles = part("xl/styles.xml");
        let codes: Vec<(String, String)> = elements(&styles, "numFmt")
            .iter()
            .filter_map(|f| Some((attribute(f, "numFmtId")?.to_owned(), unescape(attribute(f, "formatCode")?))))
            .collect();
        let cell_formats = styles.split("<cellXfs").nth(1).unwrap().split("</cellXfs>").next().unwrap();
        let formats: Vec<String> = elements(cell_formats, "xf")
            .iter()
            .map(|xf| {
                let id = attribute(xf, "numFmtId").unwrap();
                codes.iter().find(|(i, _)| i == id).map_or_else(|| id.to_owned(), |(_, code)| code.clone())
            })
            .collect();
        let book = part("xl/workbook.xml");
        let names: Vec<String> =
            elements(&book, "sheet").iter().map(|s| unescape(attribute(s, "name").unwrap())).collect();
        let sheets = names.into_iter().enumerate().map(|(i, name)| {
            let xml = part(&format!("xl/worksheets/sheet{}.xml", i + 1));
            Sheet { name, xml, strings: strings.clone(), formats: formats.clone() }
        });
        Self { sheets: sheets.collect() }
    }

    pub(crate) fn sheet(&self, name: &str) -> &Sheet {
        self.sheets.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no sheet {name}"))
    }

    pub(crate) fn has_formulas(&self) -> bool {
        self.sheets.iter().any(|s| !elements(&s.xml, "f").is_empty() || s.xml.contains("<hyperlink"))
    }
}

impl Sheet {
    fn tag(&self, place: &str) -> Option<&str> {
        let from = self.xml.find(&format!("<c r=\"{place}\""))?;
        let rest = &self.xml[from + 2..];
        let end = rest.find("</c>").unwrap_or(rest.len()).min(rest.find("/>").unwrap_or(rest.len()));
        Some(&rest[..end])
    }

    /// What stands there; nothing when the cell is empty.
    pub(crate) fn cell(&self, place: &str) -> Option<Value> {
        let tag = self.tag(place)?;
        let value = elements(tag, "v").first()?.split_once('>')?.1.to_owned();
        match attribute(tag, "t") {
            Some("s") => Some(Value::Text(self.strings[value.parse::<usize>().unwrap()].clone())),
            Some(other) => panic!("{place} has the type {other}"),
            None => Some(Value::Number(value)),
        }
    }

    /// The number format of the cell.
    pub(crate) fn format(&self, place: &str) -> &str {
        let style = attribute(self.tag(place).unwrap(), "s").unwrap();
        &self.formats[style.parse::<usize>().unwrap()]
    }
}
