//! Reading TOML tables key by key, with the line of every error and a word for what was probably meant.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::closest;
use crate::domain::{Date, parse_iso_date};
use crate::finding::{Error, Place, Result};

/// The text of a project file and its name.
pub(crate) struct Document<'t> {
    text: &'t str,
    place: &'t str,
}

impl<'t> Document<'t> {
    pub(crate) fn new(text: &'t str, place: &'t str) -> Self {
        Self { text, place }
    }

    /// The parsed file.
    pub(crate) fn table(&self) -> Result<DeTable<'t>> {
        DeTable::parse(self.text).map(Spanned::into_inner).map_err(|e| {
            self.error(e.span().map_or(0, |s| s.start), format!("not valid TOML: {}", e.message()))
                .help("texts need quotes; `allowable init` writes a commented example")
        })
    }

    /// An error at this byte of the text.
    pub(crate) fn error(&self, offset: usize, message: impl Into<String>) -> Error {
        let start = self.text.get(..offset).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count());
        let error = Error::config(message).at(Place::line(self.place, self.line(offset)));
        match self.text.get(start..).and_then(|rest| rest.lines().next()) {
            Some(excerpt) if !excerpt.trim().is_empty() => error.excerpt(excerpt, column),
            _ => error,
        }
    }

    /// The line, from 1, on which this byte of the text stands.
    pub(crate) fn line(&self, offset: usize) -> u32 {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        u32::try_from(1 + before.iter().filter(|b| **b == b'\n').count()).unwrap_or(u32::MAX)
    }

    /// An error on this line, from 1, of the text.
    pub(crate) fn error_on_line(&self, line: u32, message: impl Into<String>) -> Error {
        let before = usize::try_from(line).unwrap_or(1).saturating_sub(1);
        let offset = self.text.split_inclusive('\n').take(before).map(str::len).sum();
        self.error(offset, message)
    }
}

/// One table of the file. Keys are taken out one by one; what is left at [`Section::finish`] is unknown.
pub(crate) struct Section<'d, 't> {
    document: &'d Document<'t>,
    keys: Vec<(String, usize, Spanned<DeValue<'t>>)>,
    asked: Vec<&'static str>,
    name: String,
    offset: usize,
}

impl<'d, 't> Section<'d, 't> {
    /// The section of a table; `name` is said in errors.
    pub(crate) fn new(document: &'d Document<'t>, table: DeTable<'t>, name: impl Into<String>) -> Self {
        let keys: Vec<_> =
            table.into_iter().map(|(key, value)| (key.get_ref().to_string(), key.span().start, value)).collect();
        let offset = keys.iter().map(|k| k.1).min().unwrap_or(0);
        Self { document, keys, asked: Vec::new(), name: name.into(), offset }
    }

    /// Where the value of a key stands, for errors about it once it is taken; the section where there is none.
    pub(crate) fn at(&self, key: &str) -> usize {
        let found = self.keys.iter().find(|(name, ..)| name == key);
        found.map_or(self.offset, |(_, _, value)| value.span().start)
    }

    /// Where the section begins, for errors.
    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    /// How the section is called in errors.
    pub(crate) fn rename(&mut self, name: impl Into<String>) {
        self.name = name.into();
    }

    /// An error of the whole section.
    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        self.document.error(self.offset, format!("{}: {}", self.name, message.into()))
    }

    /// An error at this byte, which lies within the section.
    pub(crate) fn error_at(&self, offset: usize, message: String) -> Error {
        self.document.error(offset, format!("{}: {message}", self.name))
    }

    fn take(&mut self, key: &'static str) -> Option<(usize, DeValue<'t>)> {
        self.asked.push(key);
        let index = self.keys.iter().position(|(name, ..)| name == key)?;
        let (_, _, value) = self.keys.remove(index);
        Some((value.span().start, value.into_inner()))
    }

    fn wrong(&self, key: &str, offset: usize, value: &DeValue<'_>, expected: &str) -> Error {
        let found = match value {
            DeValue::String(text) => format!("\"{text}\""),
            DeValue::Integer(n) => n.to_string(),
            DeValue::Float(n) => n.to_string(),
            other => other.type_str().to_owned(),
        };
        self.error_at(offset, format!("{key}: found {found}, expected {expected}"))
    }

    /// A text.
    pub(crate) fn text(&mut self, key: &'static str) -> Result<Option<String>> {
        match self.take(key) {
            None => Ok(None),
            Some((_, DeValue::String(text))) => Ok(Some(text.into_owned())),
            Some((offset, value)) => Err(self.wrong(key, offset, &value, "a text in quotes")),
        }
    }

    /// A text that must be there and not be empty.
    pub(crate) fn required(&mut self, key: &'static str) -> Result<String> {
        match self.text(key)? {
            Some(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            _ => Err(self.error(format!("lacks `{key}`"))),
        }
    }

    /// A list of texts, each with its place.
    pub(crate) fn texts(&mut self, key: &'static str) -> Result<Vec<(String, usize)>> {
        const EXPECTED: &str = "a list of texts, such as [\"a\", \"b\"]";
        match self.take(key) {
            None => Ok(Vec::new()),
            Some((_, DeValue::Array(items))) => {
                let texts = items.into_iter().map(|item| match (item.span().start, item.into_inner()) {
                    (offset, DeValue::String(text)) => Ok((text.into_owned(), offset)),
                    (offset, value) => Err(self.wrong(key, offset, &value, EXPECTED)),
                });
                texts.collect()
            }
            Some((offset, value)) => Err(self.wrong(key, offset, &value, EXPECTED)),
        }
    }

    /// A list of numbers as they are written, each with its place: `["100", 110]`.
    pub(crate) fn number_texts(&mut self, key: &'static str) -> Result<Vec<(String, usize)>> {
        const EXPECTED: &str = "a list of numbers, such as [\"100\", \"110\"]";
        let items = match self.take(key) {
            None => return Ok(Vec::new()),
            Some((_, DeValue::Array(items))) => items,
            Some((offset, value)) => return Err(self.wrong(key, offset, &value, EXPECTED)),
        };
        let texts = items.into_iter().map(|item| match (item.span().start, item.into_inner()) {
            (offset, DeValue::String(text)) => Ok((text.into_owned(), offset)),
            (offset, DeValue::Integer(n)) => Ok((n.as_str().replace('_', ""), offset)),
            (offset, DeValue::Float(n)) => Ok((n.as_str().replace('_', ""), offset)),
            (offset, value) => Err(self.wrong(key, offset, &value, EXPECTED)),
        });
        texts.collect()
    }

    /// Whether a table stands under this key.
    pub(crate) fn is_table(&self, key: &str) -> bool {
        self.keys.iter().any(|(name, _, value)| name == key && matches!(value.get_ref(), DeValue::Table(_)))
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, key: &'static str) -> Result<Option<bool>> {
        match self.take(key) {
            None => Ok(None),
            Some((_, DeValue::Boolean(flag))) => Ok(Some(flag)),
            Some((offset, value)) => Err(self.wrong(key, offset, &value, "true or false")),
        }
    }

    /// A number as it is written, with its sign: `"-1.5"`, `3`, `0.5`.
    pub(crate) fn number_text(&mut self, key: &'static str) -> Result<Option<String>> {
        match self.take(key) {
            None => Ok(None),
            Some((_, DeValue::String(text))) => Ok(Some(text.into_owned())),
            Some((_, DeValue::Integer(n))) => Ok(Some(n.as_str().replace('_', ""))),
            Some((_, DeValue::Float(n))) => Ok(Some(n.as_str().replace('_', ""))),
            Some((offset, value)) => Err(self.wrong(key, offset, &value, "a number, such as \"3\" or \"-1.5\"")),
        }
    }

    /// A number, exact: `"135"`, `135` or `1.35`; never through a float.
    pub(crate) fn decimal(&mut self, key: &'static str) -> Result<Option<Decimal>> {
        let Some((offset, value)) = self.take(key) else { return Ok(None) };
        let text = match &value {
            DeValue::String(text) => text.trim().trim_end_matches('%').trim().to_owned(),
            DeValue::Integer(n) => n.as_str().replace('_', ""),
            DeValue::Float(n) => n.as_str().replace('_', ""),
            _ => String::new(),
        };
        match Decimal::from_str_exact(&text) {
            Ok(number) if !number.is_sign_negative() && number <= Decimal::from(1_000_000) => Ok(Some(number)),
            _ => Err(self.wrong(key, offset, &value, "a number from 0 up, such as \"135\"")),
        }
    }

    /// A whole number from 0 to `max`.
    pub(crate) fn whole(&mut self, key: &'static str, max: u32) -> Result<Option<u32>> {
        let Some((offset, value)) = self.take(key) else { return Ok(None) };
        let number = value.as_integer().and_then(|n| u32::from_str_radix(n.as_str(), n.radix()).ok());
        match number.filter(|n| *n <= max) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(key, offset, &value, &format!("a whole number from 0 to {max}"))),
        }
    }

    /// A day, as `"2024-03-09"` or as a TOML date.
    pub(crate) fn date(&mut self, key: &'static str) -> Result<Option<Date>> {
        let Some((offset, value)) = self.take(key) else { return Ok(None) };
        let date = match &value {
            DeValue::String(text) => parse_iso_date(text).ok(),
            DeValue::Datetime(day) => parse_iso_date(&day.to_string()).ok(),
            _ => None,
        };
        date.map(Some).ok_or_else(|| self.wrong(key, offset, &value, "a day, such as \"2024-03-09\""))
    }

    /// A day that must be there.
    pub(crate) fn required_date(&mut self, key: &'static str) -> Result<Date> {
        self.date(key)?.ok_or_else(|| self.error(format!("lacks `{key}`")))
    }

    /// One of these words.
    pub(crate) fn choice<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some((offset, value)) = self.take(key) else { return Ok(None) };
        let text = value.as_str().unwrap_or_default();
        if let Some((_, found)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*found));
        }
        let list = words.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        let error = self.wrong(key, offset, &value, &format!("one of {list}"));
        Err(match closest(text, words.iter().map(|(word, value)| (*word, value))) {
            Some((word, _)) => error.help(format!("did you mean \"{word}\"?")),
            None => error,
        })
    }

    /// A table under this key.
    pub(crate) fn section(&mut self, key: &'static str) -> Result<Option<Self>> {
        match self.take(key) {
            None => Ok(None),
            Some((_, DeValue::Table(table))) => Ok(Some(Self::new(self.document, table, key))),
            Some((offset, value)) => Err(self.wrong(key, offset, &value, &format!("a table [{key}]"))),
        }
    }

    /// Tables under this key (`[[key]]`).
    pub(crate) fn sections(&mut self, key: &'static str) -> Result<Vec<Self>> {
        self.sections_as(key, key)
    }

    /// As [`Self::sections`], below other tables: `written` is the whole name (`scenario.rate`).
    pub(crate) fn sections_as(&mut self, key: &'static str, written: &str) -> Result<Vec<Self>> {
        let expected = format!("tables written as [[{written}]]");
        match self.take(key) {
            None => Ok(Vec::new()),
            Some((_, DeValue::Array(items))) => {
                let tables = items.into_iter().map(|item| match (item.span().start, item.into_inner()) {
                    (offset, DeValue::Table(table)) => {
                        let mut section = Self::new(self.document, table, key);
                        section.offset = offset;
                        Ok(section)
                    }
                    (offset, value) => Err(self.wrong(key, offset, &value, &expected)),
                });
                tables.collect()
            }
            Some((offset, value)) => Err(self.wrong(key, offset, &value, &expected)),
        }
    }

    /// Every key of this table as a table of its own.
    pub(crate) fn subsections(self) -> Result<Vec<(String, Self)>> {
        let (document, name) = (self.document, self.name);
        let tables = self.keys.into_iter().map(|(key, offset, value)| match value.into_inner() {
            DeValue::Table(table) => Ok((key.clone(), Self::new(document, table, format!("{name}.\"{key}\"")))),
            _ => Err(document
                .error(offset, format!("{name}: `{key}` is not a table"))
                .help(format!("write [{name}.\"FILE\"] and below it field = \"header\""))),
        });
        tables.collect()
    }

    /// All keys with their texts.
    pub(crate) fn all_texts(&mut self) -> Result<BTreeMap<String, String>> {
        let mut texts = BTreeMap::new();
        for (key, _, value) in std::mem::take(&mut self.keys) {
            match (value.span().start, value.into_inner()) {
                (_, DeValue::String(text)) => texts.insert(key, text.into_owned()),
                (offset, value) => return Err(self.wrong(&key, offset, &value, "a header in quotes")),
            };
        }
        Ok(texts)
    }

    /// Fails when a key is left that nobody asked for.
    pub(crate) fn finish(self) -> Result<()> {
        let Some((key, offset, _)) = self.keys.first() else { return Ok(()) };
        let error = self.error_at(*offset, format!("unknown key `{key}`"));
        let known = self.asked.iter().map(|k| (*k, ()));
        Err(match closest(key, known) {
            Some((meant, ())) => error.help(format!("did you mean `{meant}`?")),
            None => error.help(format!("known keys are {}", self.asked.join(", "))),
        })
    }
}
