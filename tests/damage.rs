//! Ways in which a table of text gets damaged on its way to us, and what it then still says: how many rows, how many
//! dollars. Knows nothing of how the program reads it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

/// Small and repeatable random numbers (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below.max(1) as u64).unwrap()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.roll(i + 1));
        }
    }
}

/// Cells that do not belong where they are put, and the amount each is as a charge: cents, or unreadable, or nothing.
const GARBLED: [(&str, Option<i64>); 13] = [
    ("x", None),
    ("####", None),
    ("13/45/2024", None),
    ("-1", Some(-100)),
    ("1e5", None),
    ("Total", None),
    ("N/A", None),
    ("9999999999999999999", None),
    ("$ -", Some(0)),
    ("(5.00)", Some(-500)),
    ("\u{e9}", None),
    ("99999.999", None),
    ("$1,234.5", Some(123_450)),
];

/// One kind of damage to a table, with a number that decides where.
pub(crate) type Damage = (u8, u64);

pub(crate) fn damages(most: usize) -> impl Strategy<Value = Vec<Damage>> {
    proptest::collection::vec((0_u8..14, any::<u64>()), 0..=most)
}

/// A table of text; the first row is the header.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    pub(crate) rows: Vec<Vec<String>>,
}

impl Sheet {
    pub(crate) fn of(text: &str) -> Self {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows = reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        Self { rows }
    }

    /// The header and these many rows from this one on.
    pub(crate) fn slice(&self, from: usize, count: usize) -> Self {
        let rows = self.rows[..1].iter().chain(self.rows[1..].iter().skip(from).take(count));
        Self { rows: rows.cloned().collect() }
    }

    pub(crate) fn damage(&mut self, (kind, at): Damage) {
        let mut dice = Dice(at);
        let width = self.rows[0].len();
        let row = 1 + dice.roll(self.rows.len() - 1);
        if row >= self.rows.len() {
            return;
        }
        let column = dice.roll(self.rows[row].len());
        match kind {
            0 => drop(self.rows.remove(row)),
            1 => {
                let again = self.rows[row].clone();
                self.rows.push(again);
            }
            2 => {
                let other = 1 + dice.roll(self.rows.len() - 1);
                self.rows.swap(row, other);
            }
            3 => {
                let other = dice.roll(self.rows[row].len());
                self.rows[row].swap(column, other);
            }
            4 => self.rows[row][column].clear(),
            5 | 6 => self.rows[row][column] = GARBLED[dice.roll(GARBLED.len())].0.to_owned(),
            7 => {
                let mut total = vec![String::new(); width];
                total[0] = "Total".to_owned();
                if let Some(charge) = self.column("charge") {
                    total[charge] = "1000.00".to_owned();
                }
                self.rows.push(total);
            }
            8 => self.rows.insert(row, vec![String::new(); width]),
            9 => drop(self.rows[row].pop()),
            10 => self.rows[row].push("extra".to_owned()),
            11 => self.shuffle_rows(&mut dice),
            12 => self.shuffle_columns(&mut dice),
            _ => {
                for row in self.rows.iter_mut().skip(1).filter(|row| row.len() > column) {
                    row[column].clear();
                }
            }
        }
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.rows[0].iter().position(|header| header == name)
    }

    pub(crate) fn shuffle_rows(&mut self, dice: &mut Dice) {
        dice.shuffle(&mut self.rows[1..]);
    }

    /// The same order of columns in all rows; rows of another width stay as they are.
    pub(crate) fn shuffle_columns(&mut self, dice: &mut Dice) {
        let mut order: Vec<usize> = (0..self.rows[0].len()).collect();
        dice.shuffle(&mut order);
        for row in self.rows.iter_mut().filter(|row| row.len() == order.len()) {
            *row = order.iter().map(|i| row[*i].clone()).collect();
        }
    }

    /// Rows that hold something, and the cents of the charges that can be read: those of rows with all their cells.
    pub(crate) fn told(&self) -> (u64, i64) {
        let charge = self.column("charge").unwrap();
        let filled = self.rows[1..].iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty()));
        let cents = |row: &Vec<String>| {
            if row.len() == self.rows[0].len() { cents(&row[charge]) } else { None }
        };
        filled.fold((0, 0), |(rows, sum), row| (rows + 1, sum + cents(row).unwrap_or(0)))
    }

    pub(crate) fn text(&self, delimiter: u8, crlf: bool) -> String {
        let end = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut builder = csv::WriterBuilder::new();
        let mut writer = builder.flexible(true).delimiter(delimiter).terminator(end).from_writer(Vec::new());
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }
}

fn cents(cell: &str) -> Option<i64> {
    if let Some((_, amount)) = GARBLED.iter().find(|(text, _)| *text == cell) {
        return *amount;
    }
    if let Some(amount) = cell.strip_prefix('-') {
        return cents(amount).map(|amount| -amount);
    }
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, "00"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 7 && text.bytes().all(|b| b.is_ascii_digit());
    let fraction = format!("{fraction:0<2}");
    if !digits(whole) || !digits(&fraction) || fraction.trim_end_matches('0').len() > 2 {
        return None;
    }
    Some(whole.parse::<i64>().unwrap() * 100 + fraction[..2].parse::<i64>().unwrap())
}

/// How the text becomes bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    delimiter: u8,
    crlf: bool,
    encoding: u8,
    gzip: bool,
}

pub(crate) fn form() -> impl Strategy<Value = Form> {
    let delimiter = prop_oneof![Just(b','), Just(b'\t'), Just(b';'), Just(b'|')];
    (delimiter, any::<bool>(), 0_u8..5, any::<bool>()).prop_map(|(delimiter, crlf, encoding, gzip)| Form {
        delimiter,
        crlf,
        encoding,
        gzip,
    })
}

impl Form {
    pub(crate) const PLAIN: Self = Self { delimiter: b',', crlf: false, encoding: 0, gzip: false };

    pub(crate) fn bytes(self, sheet: &Sheet) -> Vec<u8> {
        let text = sheet.text(self.delimiter, self.crlf);
        let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(order).collect()
        };
        let bytes = match self.encoding {
            1 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            2 => utf16(u16::to_le_bytes),
            3 => utf16(u16::to_be_bytes),
            4 => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
            _ => text.into_bytes(),
        };
        if !self.gzip {
            return bytes;
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&bytes).unwrap();
        gzip.finish().unwrap()
    }
}
