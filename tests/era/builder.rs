//! Remittances (835) and claims (837P) from a few readable lines, with true envelopes, counts and totals.
//!
//! A row is a word, its values, and options written `key=value`; `_` in a name is a blank; a row that begins with `>` is a
//! segment as it stands. All services are of [`DAY`] unless a row says otherwise.
//!
//! ```text
//! check EFT1 2024-06-01 MEDICARE
//! claim C1 1 ICN1                                      status, payer's number; pos, charge, paid
//! cas PR-1:3.00                                        of the claim as a whole
//! svc 96372 45.00 10.64 CO-45:31.42 PR-2:2.72 …        day, 6r, was, units, rarc, b6
//!
//! practice zip=43215 state=OH
//! subscriber MEM1 MEDICARE filing=MB                   rank
//! dependant ANNA 2015-03-04
//! claim C1 pos=11                                      frequency, total, dx
//! line 96372:59 45.00 units=1 6r=C1L1                  day, pos
//! ```

use std::fmt::Write as _;

/// The day of all services that tell no other.
pub(super) const DAY: &str = "2024-05-06";

/// One row: its plain words and its options.
struct Row<'t> {
    words: Vec<&'t str>,
    options: Vec<(&'t str, &'t str)>,
}

impl<'t> Row<'t> {
    fn new(text: &'t str) -> Self {
        let (options, words) = text.split_whitespace().partition::<Vec<_>, _>(|word| word.contains('='));
        Self { words, options: options.into_iter().filter_map(|o| o.split_once('=')).collect() }
    }

    fn word(&self, at: usize) -> &'t str {
        self.words.get(at).copied().unwrap_or_default()
    }

    fn option(&self, key: &str) -> Option<&'t str> {
        self.options.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }

    fn or(&self, key: &str, default: &'t str) -> &'t str {
        self.option(key).unwrap_or(default)
    }
}

fn cents(text: &str) -> i64 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "00"));
    assert_eq!(part.len(), 2, "{text} is no amount of dollars and cents");
    sign * (whole.parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap())
}

fn dollars(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

fn plain(day: &str) -> String {
    day.replace('-', "")
}

fn name(word: &str) -> String {
    word.replace('_', " ")
}

fn rows(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|row| !row.is_empty()).collect()
}

/// The rows before the first that begins with `word`, and the sections that begin with it.
fn sections<'r, 't>(rows: &'r [&'t str], word: &str) -> (&'r [&'t str], Vec<&'r [&'t str]>) {
    let begins = |row: &&str| row.split_whitespace().next() == Some(word);
    let at: Vec<usize> = (0..rows.len()).filter(|i| begins(&rows[*i])).collect();
    let ends = at.iter().skip(1).copied().chain([rows.len()]);
    let parts = at.iter().zip(ends).map(|(from, to)| &rows[*from..to]).collect();
    (&rows[..at.first().copied().unwrap_or(rows.len())], parts)
}

fn raw(row: &str) -> Option<&str> {
    row.strip_prefix('>').map(|segment| segment.trim().trim_end_matches('~'))
}

/// The sets in one group of one interchange.
fn envelope(group: &str, kind: &str, version: &str, sets: &[Vec<String>]) -> String {
    let mut out = format!(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240601*0800*^*00501*000000001*0*T*:~\n\
         GS*{group}*SENDER*RECEIVER*20240601*0800*1*X*{version}~\n"
    );
    for (number, set) in (1..).zip(sets) {
        let _ = writeln!(out, "ST*{kind}*{number:04}*{version}~");
        for segment in set {
            let _ = writeln!(out, "{segment}~");
        }
        let _ = writeln!(out, "SE*{}*{number:04}~", set.len() + 2);
    }
    let _ = write!(out, "GE*{}*1~\nIEA*1*000000001~\n", sets.len());
    out
}

/// An 835 with one set per `check`.
pub(crate) fn remits(text: &str) -> String {
    let rows = rows(text);
    let sets: Vec<Vec<String>> = sections(&rows, "check").1.into_iter().map(check).collect();
    envelope("HP", "835", "005010X221A1", &sets)
}

fn check(rows: &[&str]) -> Vec<String> {
    let row = Row::new(rows[0]);
    let (trace, day, payer) = (row.word(1), plain(row.word(2)), name(row.word(3)));
    let (top, claims) = sections(&rows[1..], "claim");
    let claims: Vec<(Vec<String>, i64)> = claims.into_iter().map(answered).collect();
    let total: i64 = claims.iter().map(|(_, paid)| paid).sum();
    let (how, sign) = if total == 0 { ("H", "NON") } else { ("I", "ACH") };
    let mut out = vec![
        format!("BPR*{how}*{}*C*{sign}************{day}", dollars(total)),
        format!("TRN*1*{trace}*1990000000"),
        format!("DTM*405*{day}"),
        format!("N1*PR*{payer}"),
        "N3*9 PAYER RD".to_owned(),
        "N4*COLUMBUS*OH*43215".to_owned(),
        "N1*PE*TEST CLINIC*XX*1999999984".to_owned(),
        "N4*COLUMBUS*OH*43215".to_owned(),
    ];
    out.extend(top.iter().filter_map(|row| raw(row)).map(str::to_owned));
    out.push("LX*1".to_owned());
    out.extend(claims.into_iter().flat_map(|(segments, _)| segments));
    out
}

/// One claim of an 835 and what was paid for it.
fn answered(rows: &[&str]) -> (Vec<String>, i64) {
    let row = Row::new(rows[0]);
    let (mut charge, mut paid, mut patient) = (0, 0, 0);
    let mut out = Vec::new();
    for text in &rows[1..] {
        let line = Row::new(text);
        if let Some(segment) = raw(text) {
            out.push(segment.to_owned());
            continue;
        }
        let reasons: Vec<&str> =
            line.words.iter().copied().filter(|word| word.contains(':') && word.contains('-')).collect();
        let adjusted = |out: &mut Vec<String>| -> (i64, i64) {
            let (mut all, mut of_patient) = (0, 0);
            for reason in &reasons {
                let (why, amount) = reason.split_once(':').unwrap();
                let (group, carc) = why.split_once('-').unwrap();
                out.push(format!("CAS*{group}*{carc}*{amount}"));
                all += cents(amount);
                of_patient += if group == "PR" { cents(amount) } else { 0 };
            }
            (all, of_patient)
        };
        match line.word(0) {
            "cas" => {
                let (all, of_patient) = adjusted(&mut out);
                paid -= all;
                patient += of_patient;
            }
            "svc" => {
                charge += cents(line.word(2));
                paid += cents(line.word(3));
                let was = line.option("was").map_or_else(String::new, |was| format!("*HC:{was}"));
                let units = line.or("units", "1");
                out.push(format!("SVC*HC:{}*{}*{}**{units}{was}", line.word(1), line.word(2), line.word(3)));
                if line.or("day", DAY) != "none" {
                    out.push(format!("DTM*472*{}", plain(line.or("day", DAY))));
                }
                patient += adjusted(&mut out).1;
                out.extend(line.option("6r").map(|number| format!("REF*6R*{number}")));
                out.extend(line.option("b6").map(|amount| format!("AMT*B6*{amount}")));
                out.extend(line.option("rarc").map(|remark| format!("LQ*HE*{remark}")));
            }
            other => panic!("{other} is no row of a remittance"),
        }
    }
    let charge = row.option("charge").map_or(charge, cents);
    let paid = row.option("paid").map_or(paid, cents);
    let mut segments = vec![format!(
        "CLP*{}*{}*{}*{}*{}*{}*{}*{}*1",
        row.word(1),
        row.word(2),
        dollars(charge),
        dollars(paid),
        dollars(patient),
        row.or("filing", "12"),
        row.word(3),
        row.or("pos", "11")
    )];
    // The claim's own adjustments stand before its other segments.
    let level = out.iter().take_while(|segment| segment.starts_with("CAS")).count();
    segments.extend(out.drain(..level));
    segments.push("NM1*QC*1*ZZPATIENT*MARY****MI*MEM7654321".to_owned());
    segments.extend(out);
    (segments, paid)
}

/// An 837P with one set per `made` (or one set in all).
pub(crate) fn claims(text: &str) -> String {
    let rows = rows(text);
    let (top, sets) = sections(&rows, "made");
    let mut made: Vec<Vec<String>> = Vec::new();
    if !top.is_empty() {
        made.push(batch(&Row::new("made 2024-05-07"), top));
    }
    made.extend(sets.into_iter().map(|set| batch(&Row::new(set[0]), &set[1..])));
    envelope("HC", "837", "005010X222A1", &made)
}

fn batch(made: &Row<'_>, rows: &[&str]) -> Vec<String> {
    let time = if made.word(2).is_empty() { "0800" } else { made.word(2) };
    let mut out = vec![
        format!("BHT*0019*00*1*{}*{time}*CH", plain(made.word(1))),
        "NM1*41*2*TEST CLINIC*****46*12345".to_owned(),
        "PER*IC*BILLING*TE*5550100000".to_owned(),
        "NM1*40*2*TEST HUB*****46*99999".to_owned(),
    ];
    // Levels made, the level of the subscriber, lines of the claim.
    let (mut levels, mut provider, mut subscriber, mut lines) = (0, 0, 0, 0);
    for (at, text) in rows.iter().enumerate() {
        if let Some(segment) = raw(text) {
            out.push(segment.to_owned());
            continue;
        }
        let row = Row::new(text);
        let word = row.word(0);
        if provider == 0 || word == "practice" {
            let row = if word == "practice" { Row::new(text) } else { Row::new("practice") };
            levels += 1;
            (provider, subscriber) = (levels, 0);
            out.push(format!("HL*{levels}**20*1"));
            out.push(format!("NM1*85*2*TEST CLINIC*****XX*{}", row.or("npi", "1999999984")));
            out.push("N3*1 TEST WAY".to_owned());
            out.push(format!("N4*TESTVILLE*{}*{}", row.or("state", "OH"), row.or("zip", "432150000")));
        }
        if word == "subscriber" || subscriber == 0 && word == "claim" {
            let row =
                if word == "subscriber" { Row::new(text) } else { Row::new("subscriber MEM1 MEDICARE filing=MB") };
            levels += 1;
            subscriber = levels;
            out.push(format!("HL*{levels}*{provider}*22*0"));
            out.push(format!("SBR*{}*18*******{}", row.or("rank", "P"), row.or("filing", "12")));
            out.push(format!("NM1*IL*1*ZZPATIENT*MARY****MI*{}", row.word(1)));
            out.push("N3*7 ZZSTREET".to_owned());
            // The member lives elsewhere.
            out.push("N4*NEW YORK*NY*10001".to_owned());
            out.push("DMG*D8*19510203*F".to_owned());
            out.push(format!("NM1*PR*2*{}*****PI*{}", name(row.word(2)), row.or("id", "00000")));
        }
        match word {
            "practice" | "subscriber" => {}
            "dependant" => {
                levels += 1;
                out.push(format!("HL*{levels}*{subscriber}*23*0"));
                out.push("PAT*19".to_owned());
                out.push(format!("NM1*QC*1*ZZPATIENT*{}", row.word(1)));
                out.push("N4*NEW YORK*NY*10001".to_owned());
                out.push(format!("DMG*D8*{}*F", plain(row.word(2))));
            }
            "claim" => {
                lines = 0;
                let of_claim = rows[at + 1..].iter().map(|text| Row::new(text));
                let charges = of_claim.take_while(|row| !matches!(row.word(0), "claim" | "subscriber" | "dependant"));
                let sum: i64 = charges.filter(|row| row.word(0) == "line").map(|row| cents(row.word(2))).sum();
                let sum = dollars(sum);
                let (total, pos, frequency) = (row.or("total", &sum), row.or("pos", "11"), row.or("frequency", "1"));
                out.push(format!("CLM*{}*{total}***{pos}:B:{frequency}*Y*A*Y*Y", row.word(1)));
                let diagnoses: Vec<&str> = row.or("dx", "M545").split(',').collect();
                let told: Vec<String> =
                    ["ABK", "ABF", "ABF", "ABF"].iter().zip(diagnoses).map(|(q, d)| format!("{q}:{d}")).collect();
                out.push(format!("HI*{}", told.join("*")));
            }
            "line" => {
                lines += 1;
                let (units, pos) = (row.or("units", "1"), row.or("pos", ""));
                out.push(format!("LX*{lines}"));
                out.push(format!("SV1*HC:{}*{}*UN*{units}*{pos}**1", row.word(1), row.word(2)));
                if row.or("day", DAY) != "none" {
                    out.push(format!("DTP*472*D8*{}", plain(row.or("day", DAY))));
                }
                out.extend(row.option("6r").map(|number| format!("REF*6R*{number}")));
            }
            other => panic!("{other} is no row of a claim"),
        }
    }
    out
}
