//! The statements in circulation and the check that each is put to. Read from our own table; a check of an unknown kind or
//! with a parameter that is missing, misspelt or too much is an error with its line.

use rust_decimal::Decimal;

use crate::domain::{Code, Pos};
use crate::finding::Result;
use crate::reference::{DenialCategory, Record, Row, Sheet};

use super::verdict::Verdict;

const FILE: &str = "datasets/circulating/claims.csv";

/// What a statement says of a place of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceWord {
    /// Nowhere is more paid.
    Highest,
    /// Something between nothing and the office.
    Moderate,
    /// Less than in the office.
    Lower,
    /// Bundled with other services of the day.
    Packaged,
    /// Part of the daily rate of the facility.
    Included,
    /// Paid only within limits.
    Limited,
    /// Never payable.
    Never,
}

/// How a statement is checked, with its parameters. One function of `check` answers each kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// Payments lie between these dollars.
    Range(Decimal, Decimal),
    /// The rate changes every year and from place to place.
    Changes,
    /// In at least this percentage of the states Medicaid pays less than Medicare.
    StatesBelowMedicare(Decimal),
    /// Some state's Medicaid pays this little.
    StateAsLowAs(Decimal),
    /// Medicaid varies more than Medicare does.
    MedicaidVaries,
    /// Medicare pays least.
    MedicareLeast,
    /// Commercial plans pay more than Medicare.
    CommercialAbove,
    /// Medicare pays the code for itself.
    PaidSeparately,
    /// The drugs of these codes are paid beside the injection.
    DrugApart(Vec<Code>),
    /// The use belongs to the code, although these codes exist; `true` when they cover all of the use.
    OwnCode(Vec<Code>, bool),
    /// Vaccines have codes from the first to the second; this further code is one, too.
    Vaccines(Code, Code, Code),
    /// The code falls beside others, in this range of codes when one is given.
    FallsBeside(Option<(Code, Code)>),
    /// Several units may be billed; or this add-on code.
    Units(Option<Code>),
    /// Physicians and other practitioners with an NPI of their own may bill it.
    OwnNpi,
    /// Staff without an NPI of their own may bill it.
    IncidentTo,
    /// These modifiers belong on the injection (`true`) or on the visit.
    Modifier(Vec<String>, bool),
    /// A visit may be billed beside it when it is separate; only when it is unrelated (`true`).
    Visit(bool),
    /// The place of service matters.
    PlacesMatter,
    /// What is paid in these places.
    Place(Vec<Pos>, PlaceWord),
    /// These categories are reasons for which payers deny.
    DenialReasons(Vec<DenialCategory>),
    /// Billed once a day.
    OneADay,
    /// An add-on code.
    AddOn,
    /// Pays more than this code.
    PaysMore(Code),
    /// More frequent than these codes.
    MostClaims(Vec<Code>),
    /// The drug code whose billing unit is this.
    Drug(String),
    /// These codes are billed beside it.
    Beside(Vec<Code>),
    /// The patient's percentage is at most these dollars.
    SmallShare(Decimal, Decimal),
    /// The patient pays all until the deductible is met.
    FullUntilDeductible,
    /// A higher rate means a smaller share of the patient at this percentage.
    HigherPayLowerShare(Decimal),
    /// Judged by a convention: the verdict and where the convention is laid down.
    Convention(Verdict, String),
    /// No table can tell; where the user's own figures stand.
    None(String),
}

/// A statement in circulation, in our own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its name, kebab-case and unique.
    pub id: String,
    /// What it is about (`rates`, `modifiers`, `places` …); also a topic of `topics.csv`.
    pub topic: String,
    /// The code it speaks of.
    pub code: Code,
    /// Of whose payments: `medicare`, `medicaid`, `commercial`, `all`, or nothing.
    pub payers: String,
    /// The statement.
    pub text: String,
    /// How it is checked.
    pub check: Check,
    /// What the reader should know besides; may be empty.
    pub note: String,
    /// Where it stands in our table.
    pub row: Row,
}

/// The embedded statements, in their order.
///
/// # Errors
/// When the table is not well-formed (a fault of the program, found by its tests).
pub fn claims() -> Result<Vec<Claim>> {
    read(&Sheet::embedded(FILE)?)
}

/// Statements from the bytes of a table in the layout of `datasets/circulating/claims.csv`; `file` is its name in errors.
///
/// # Errors
/// When a row cannot be read: with its line and column.
pub fn parse_claims(file: &str, csv: &[u8]) -> Result<Vec<Claim>> {
    read(&Sheet::parse(file, csv)?)
}

fn read(sheet: &Sheet) -> Result<Vec<Claim>> {
    let mut claims: Vec<Claim> = Vec::new();
    for record in sheet.records() {
        let id = record.text("id")?.to_owned();
        if id.is_empty() || claims.iter().any(|other| other.id == id) {
            return Err(record.bad("id", "a name that no other row has"));
        }
        let payers = record.text("payers")?;
        if !["", "medicare", "medicaid", "commercial", "all"].contains(&payers) {
            return Err(record.bad("payers", "medicare, medicaid, commercial, all or nothing"));
        }
        claims.push(Claim {
            id,
            topic: record.text("topic")?.to_owned(),
            code: record.value("code")?,
            payers: payers.to_owned(),
            text: record.text("claim")?.to_owned(),
            check: check(record)?,
            note: record.text("note")?.to_owned(),
            row: record.row(),
        });
    }
    Ok(claims)
}

/// `low=11;high=18`: the parameters of a check, taken one by one.
struct Parameters<'a> {
    record: Record<'a>,
    left: Vec<(&'a str, &'a str)>,
}

impl<'a> Parameters<'a> {
    fn read(record: Record<'a>) -> Result<Self> {
        let text = record.text("parameters")?;
        let pairs = text.split(';').filter(|part| !part.is_empty()).map(|part| part.split_once('='));
        let left =
            pairs.collect::<Option<Vec<_>>>().ok_or_else(|| record.bad("parameters", "name=value;name=value"))?;
        Ok(Self { record, left })
    }

    fn optional(&mut self, name: &str) -> Option<&'a str> {
        let at = self.left.iter().position(|(known, _)| *known == name)?;
        Some(self.left.remove(at).1)
    }

    fn text(&mut self, name: &str) -> Result<&'a str> {
        self.optional(name).ok_or_else(|| self.record.bad("parameters", &format!("the parameter {name}")))
    }

    fn decimal(&mut self, name: &str) -> Result<Decimal> {
        let number = Decimal::from_str_exact(self.text(name)?);
        number.map_err(|_| self.record.bad("parameters", &format!("a number as {name}")))
    }

    fn code(&mut self, name: &str) -> Result<Code> {
        self.text(name)?.parse().map_err(|_| self.record.bad("parameters", &format!("a code as {name}")))
    }

    /// A list `a|b|c`, each part read by `one`.
    fn list<T>(&mut self, name: &str, one: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
        let parts = self.text(name)?.split('|').map(one).collect::<Option<Vec<T>>>();
        parts.ok_or_else(|| self.record.bad("parameters", &format!("values separated by | as {name}")))
    }

    fn codes(&mut self, name: &str) -> Result<Vec<Code>> {
        self.list(name, |text| text.parse().ok())
    }

    /// One of two or more words.
    fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Result<T> {
        let text = self.text(name)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        let known = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| self.record.bad("parameters", &format!("one of {} as {name}", known())))
    }
}

fn check(record: Record<'_>) -> Result<Check> {
    let mut p = Parameters::read(record)?;
    let check = match record.text("check")? {
        "range" => {
            let (low, high) = (p.decimal("low")?, p.decimal("high")?);
            if low > high {
                return Err(record.bad("parameters", "low not above high"));
            }
            Check::Range(low, high)
        }
        "changes" => Check::Changes,
        "states-below-medicare" => Check::StatesBelowMedicare(p.decimal("percent")?),
        "state-as-low-as" => Check::StateAsLowAs(p.decimal("amount")?),
        "medicaid-varies" => Check::MedicaidVaries,
        "medicare-least" => Check::MedicareLeast,
        "commercial-above" => Check::CommercialAbove,
        "paid-separately" => Check::PaidSeparately,
        "drug-apart" => Check::DrugApart(p.codes("codes")?),
        "own-code" => Check::OwnCode(p.codes("codes")?, p.word("share", &[("all", true), ("some", false)])?),
        "vaccines" => Check::Vaccines(p.code("first")?, p.code("last")?, p.code("also")?),
        "falls-beside" => Check::FallsBeside(match p.optional("from") {
            Some(from) => {
                let from = from.parse().map_err(|_| record.bad("parameters", "a code as from"))?;
                Some((from, p.code("to")?))
            }
            None => None,
        }),
        "units" => Check::Units(match p.optional("or") {
            Some(code) => Some(code.parse().map_err(|_| record.bad("parameters", "a code as or"))?),
            None => None,
        }),
        "own-npi" => Check::OwnNpi,
        "incident-to" => Check::IncidentTo,
        "modifier" => Check::Modifier(
            p.list("modifiers", |text| Some(text.to_owned()))?,
            p.word("on", &[("injection", true), ("visit", false)])?,
        ),
        "visit" => Check::Visit(p.word("says", &[("unrelated", true), ("separate", false)])?),
        "places-matter" => Check::PlacesMatter,
        "place" => Check::Place(
            p.list("pos", |text| text.parse().ok())?,
            p.word(
                "says",
                &[
                    ("highest", PlaceWord::Highest),
                    ("moderate", PlaceWord::Moderate),
                    ("lower", PlaceWord::Lower),
                    ("packaged", PlaceWord::Packaged),
                    ("included", PlaceWord::Included),
                    ("limited", PlaceWord::Limited),
                    ("never", PlaceWord::Never),
                ],
            )?,
        ),
        "denial-reasons" => Check::DenialReasons(p.list("categories", DenialCategory::from_word)?),
        "one-a-day" => Check::OneADay,
        "add-on" => Check::AddOn,
        "pays-more" => Check::PaysMore(p.code("than")?),
        "most-claims" => Check::MostClaims(p.codes("codes")?),
        "drug" => Check::Drug(p.text("unit")?.to_owned()),
        "beside" => Check::Beside(p.codes("codes")?),
        "small-share" => Check::SmallShare(p.decimal("percent")?, p.decimal("most")?),
        "full-until-deductible" => Check::FullUntilDeductible,
        "higher-pay-lower-share" => Check::HigherPayLowerShare(p.decimal("percent")?),
        "convention" => {
            let verdicts = [
                ("agrees", Verdict::Agrees),
                ("agrees-in-part", Verdict::AgreesInPart),
                ("disagrees", Verdict::Disagrees),
            ];
            Check::Convention(p.word("verdict", &verdicts)?, p.text("source")?.to_owned())
        }
        "none" => Check::None(p.text("where")?.to_owned()),
        _ => return Err(record.bad("check", "a kind of check")),
    };
    match p.left.first() {
        Some((name, _)) => Err(record.bad("parameters", &format!("no parameter {name}"))),
        None => Ok(check),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "id,topic,code,payers,claim,check,parameters,note\n";

    #[test]
    fn a_row_that_cannot_be_read_is_named() {
        let cases = [
            ("a,rates,96372,medicare,x,range,low=11,", "the parameter high"),
            ("a,rates,96372,medicare,x,range,low=18;high=11,", "low not above high"),
            ("a,rates,96372,medicare,x,range,low=11;high=18;mid=3,", "no parameter mid"),
            ("a,rates,96372,medicair,x,changes,,", "medicare, medicaid"),
            ("a,rates,96372,,x,guess,,", "a kind of check"),
            ("a,places,96372,,x,place,pos=11;says=best,", "one of highest"),
            ("a,places,96372,,x,place,pos=100;says=highest,", "values separated by |"),
            ("a,rates,96372,,x,changes,,\na,rates,96372,,x,changes,,", "a name that no other row has"),
        ];
        for (row, expected) in cases {
            let error = parse_claims("claims.csv", format!("{HEADER}{row}\n").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("claims.csv:") && error.contains(expected), "{row}: {error}");
        }
        let cases = parse_claims("c.csv", format!("{HEADER}a,rates,96372,,x,units,or=96375,y\n").as_bytes()).unwrap();
        assert_eq!(cases[0].check, Check::Units("96375".parse().ok()));
        assert_eq!(cases[0].row.to_string(), "c.csv:2");
    }
}
