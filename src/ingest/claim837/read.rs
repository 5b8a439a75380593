//! The state of reading an 837P: whose name, number or address a segment tells depends on the loop it stands in.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::domain::{Code, Date, Modifiers, Money, Pos, ServiceLine, Source, State, Units, Zip};
use crate::finding::{Finding, FindingCode, Findings, Place, Severity};
use crate::ingest::account::Fate;
use crate::ingest::cells;
use crate::ingest::out::{FileOutput, QuarantinedRow};
use crate::ingest::payers::{self, Known};
use crate::ingest::remit835::fields::{ascii, day, procedure, units};
use crate::ingest::row::Names;
use crate::ingest::x12::{Amount, Segment, Total};
use crate::project::Project;

/// One submission of a claim.
#[derive(Debug, Clone)]
pub(in crate::ingest) struct BilledClaim {
    /// CLM01.
    pub(in crate::ingest) claim_id: Arc<str>,
    /// CLM05-3: 1 original, 7 replacement, 8 void.
    pub(in crate::ingest) frequency: u8,
    /// SBR01: 1 primary, 2 secondary, 3 tertiary or later.
    pub(in crate::ingest) rank: u8,
    /// When it was made: BHT04 and BHT05.
    pub(in crate::ingest) submitted: (Option<Date>, String),
    /// Its lines that could be read, numbered from 1.
    pub(in crate::ingest) lines: Vec<ServiceLine>,
}

/// Whom names, numbers and addresses belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Party {
    BillingProvider,
    Facility,
    Other,
}

/// Where in the hierarchy a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Within {
    Header,
    Provider,
    Subscriber,
    Patient,
    Claim,
    /// Another payer of the claim (2320): what stands here says nothing of this submission.
    OtherPayer,
    Line,
}

/// State and ZIP code of an address.
#[derive(Debug, Clone, Copy, Default)]
struct Address {
    state: Option<State>,
    zip: Option<Zip>,
}

/// A claim being read.
#[derive(Debug)]
struct Open {
    claim: BilledClaim,
    segment: u32,
    total: Option<Amount>,
    pos: Option<Pos>,
    facility: Address,
    rendering: Option<Arc<str>>,
    diagnosis: String,
    date: Option<Date>,
    sum: Total,
    whole: bool,
    /// Lines begun, those that cannot be read included.
    begun: u32,
}

/// A line being read.
#[derive(Debug)]
struct OpenLine {
    segment: u32,
    number: u32,
    code: Result<Code, ()>,
    modifiers: Modifiers,
    bad_modifier: bool,
    charge: Option<Money>,
    charge_found: &'static str,
    units: Result<Option<Units>, ()>,
    pos: Result<Option<Pos>, ()>,
    date: Option<Date>,
    control: Option<Arc<str>>,
    ndc: Option<Arc<str>>,
    rendering: Option<Arc<str>>,
    facility: Address,
}

/// Reads the segments of sets of professional claims.
pub(in crate::ingest) struct Interpreter<'p> {
    file: u16,
    name: String,
    project: &'p Project,
    salt: [u8; 32],
    names: Names,
    within: Within,
    party: Party,
    submitted: (Option<Date>, String),
    billing_npi: Option<Arc<str>>,
    billing: Address,
    rank: u8,
    filing: String,
    payer: (String, Vec<String>),
    subscriber: Option<Vec<u8>>,
    patient: Option<Vec<u8>>,
    open: Option<Open>,
    line: Option<OpenLine>,
    by_kind: u64,
    /// What the claims gave: account, findings, quarantine, and the claims themselves.
    pub(in crate::ingest) out: FileOutput,
}

impl<'p> Interpreter<'p> {
    pub(in crate::ingest) fn new(file: u16, name: &str, project: &'p Project, salt: [u8; 32]) -> Self {
        Self {
            file,
            name: name.to_owned(),
            project,
            salt,
            names: Names::default(),
            within: Within::Header,
            party: Party::Other,
            submitted: (None, String::new()),
            billing_npi: None,
            billing: Address::default(),
            rank: 1,
            filing: String::new(),
            payer: (String::new(), Vec::new()),
            subscriber: None,
            patient: None,
            open: None,
            line: None,
            by_kind: 0,
            out: FileOutput::default(),
        }
    }

    /// A set begins.
    pub(in crate::ingest) fn begin(&mut self, segment: &Segment<'_>, findings: &mut Findings) {
        self.within = Within::Header;
        self.party = Party::Other;
        self.submitted = (None, String::new());
        (self.billing_npi, self.billing) = (None, Address::default());
        self.forget_subscriber();
        if segment.id() != b"ST" {
            self.segment(segment, findings);
        }
    }

    /// The set ends.
    pub(in crate::ingest) fn end(&mut self, findings: &mut Findings) {
        self.end_claim(findings);
    }

    /// A segment of the set.
    pub(in crate::ingest) fn segment(&mut self, segment: &Segment<'_>, findings: &mut Findings) {
        match segment.id() {
            b"HL" => self.level(segment, findings),
            b"BHT" => {
                let time = ascii(segment.element(5)).unwrap_or_default().to_owned();
                self.submitted = (day(segment.element(4)), time);
            }
            b"NM1" => self.party(segment),
            b"N4" => self.address(segment),
            b"SBR" => self.subscriber(segment),
            b"DMG" if self.within == Within::Patient => {
                // Members of one family share a number: the day of birth tells them apart, within the key only.
                if let Some(patient) = &mut self.patient {
                    patient.extend_from_slice(segment.element(2));
                }
            }
            b"REF" => self.reference(segment),
            b"CLM" => self.begin_claim(segment, findings),
            b"HI" => self.diagnosis(segment),
            b"LX" => {
                self.end_line(findings);
                if self.open.is_some() {
                    self.within = Within::Line;
                    self.party = Party::Other;
                }
            }
            b"SV1" => self.line(segment, findings),
            b"DTP" => self.date(segment),
            b"LIN" => {
                if segment.element(2) == b"N4"
                    && let Some(line) = &mut self.line
                {
                    let told =
                        std::str::from_utf8(segment.element(3).trim_ascii()).ok().filter(|text| !text.is_empty());
                    line.ndc = told.map(|text| self.names.text(&super::super::tables::ndc(text)));
                }
            }
            _ => {}
        }
    }

    /// Ends the file.
    pub(in crate::ingest) fn finish(mut self) -> FileOutput {
        if self.by_kind > 0 {
            let found = "payers were recognised only by the kind of claim (SBR09)";
            let finding = Finding::new(FindingCode::PayerByKind, Place::file(&self.name).column("SBR09"), found);
            self.out.findings.push(finding.times(self.by_kind));
        }
        self.out
    }

    fn level(&mut self, segment: &Segment<'_>, findings: &mut Findings) {
        self.end_claim(findings);
        self.party = Party::Other;
        self.within = match segment.element(3) {
            b"20" => {
                (self.billing_npi, self.billing) = (None, Address::default());
                Within::Provider
            }
            b"23" => Within::Patient,
            _ => Within::Subscriber,
        };
        match self.within {
            Within::Patient => self.patient = None,
            _ => self.forget_subscriber(),
        }
    }

    fn forget_subscriber(&mut self) {
        self.rank = 1;
        self.filing.clear();
        self.payer = (String::new(), Vec::new());
        (self.subscriber, self.patient) = (None, None);
    }

    fn subscriber(&mut self, segment: &Segment<'_>) {
        if self.open.is_some() {
            self.within = Within::OtherPayer;
            return;
        }
        self.rank = match segment.element(1) {
            b"P" => 1,
            b"S" => 2,
            _ if segment.element(1).is_empty() => 1,
            _ => 3,
        };
        self.filing = ascii(segment.element(9)).unwrap_or_default().to_owned();
    }

    fn party(&mut self, segment: &Segment<'_>) {
        let number = |qualifier: &[u8]| {
            let number = segment.element(9).trim_ascii();
            (segment.element(8) == qualifier && !number.is_empty()).then_some(number)
        };
        self.party = Party::Other;
        match (segment.element(1), self.within) {
            (b"85", Within::Header | Within::Provider) => {
                self.party = Party::BillingProvider;
                self.billing_npi = number(b"XX").and_then(ascii).map(|npi| self.names.text(npi));
            }
            (b"IL", Within::Subscriber | Within::Header) => {
                self.subscriber = Some(segment.element(9).trim_ascii().to_vec()).filter(|n| !n.is_empty());
            }
            (b"QC", Within::Patient) => {
                // A dependant has no number of his own in 5010.
                let mut key = self.subscriber.clone().unwrap_or_default();
                key.push(0);
                key.extend_from_slice(segment.element(4).trim_ascii());
                key.extend_from_slice(segment.element(9).trim_ascii());
                self.patient = Some(key);
            }
            (b"PR", Within::Subscriber | Within::Header) => {
                self.payer.0 = text(segment.element(3));
                self.payer.1 = Some(text(segment.element(9))).filter(|n| !n.is_empty()).into_iter().collect();
            }
            (b"82", within) => {
                let npi = number(b"XX").and_then(ascii).map(|npi| self.names.text(npi));
                match (within, &mut self.line, &mut self.open) {
                    (Within::Line, Some(line), _) => line.rendering = npi,
                    (Within::Claim, _, Some(open)) => open.rendering = npi,
                    _ => {}
                }
            }
            (b"77", Within::Claim | Within::Line) => self.party = Party::Facility,
            _ => {}
        }
    }

    fn address(&mut self, segment: &Segment<'_>) {
        let address =
            Address { state: ascii(segment.element(2)).and_then(|t| t.parse().ok()), zip: zip(segment.element(3)) };
        match (self.party, self.within, &mut self.line, &mut self.open) {
            (Party::BillingProvider, ..) => self.billing = address,
            (Party::Facility, Within::Line, Some(line), _) => line.facility = address,
            (Party::Facility, Within::Claim, _, Some(open)) => open.facility = address,
            _ => {}
        }
    }

    fn reference(&mut self, segment: &Segment<'_>) {
        match (segment.element(1), self.within) {
            (b"6R", Within::Line) => {
                let control = text(segment.element(2));
                if let Some(line) = self.line.as_mut().filter(|_| !control.is_empty()) {
                    line.control = Some(self.names.text(&control));
                }
            }
            (b"2U" | b"FY" | b"NF", Within::Subscriber) => {
                self.payer.1.extend(Some(text(segment.element(2))).filter(|n| !n.is_empty()));
            }
            _ => {}
        }
    }

    fn begin_claim(&mut self, segment: &Segment<'_>, findings: &mut Findings) {
        self.end_claim(findings);
        self.within = Within::Claim;
        self.party = Party::Other;
        let total = Amount::parse(segment.element(2)).ok().flatten();
        let pos = ascii(segment.component(5, 1)).filter(|t| !t.is_empty());
        self.open = Some(Open {
            claim: BilledClaim {
                claim_id: self.names.text(&text(segment.element(1))),
                frequency: ascii(segment.component(5, 3)).and_then(|t| t.parse().ok()).unwrap_or(1),
                rank: self.rank,
                submitted: self.submitted.clone(),
                lines: Vec::new(),
            },
            segment: segment.number,
            total,
            pos: pos.and_then(|t| cells::pos_cell(t).ok()),
            facility: Address::default(),
            rendering: None,
            diagnosis: String::new(),
            date: None,
            sum: Total::default(),
            whole: true,
            begun: 0,
        });
    }

    fn diagnosis(&mut self, segment: &Segment<'_>) {
        let Some(open) = &mut self.open else { return };
        for n in 1..=segment.len().min(12) {
            let mut parts = segment.components(n);
            let (qualifier, code) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let code = ascii(code).filter(|t| !t.is_empty() && t.len() <= 8);
            if let (b"ABK" | b"ABF" | b"BK" | b"BF", Some(code)) = (qualifier, code) {
                if !open.diagnosis.is_empty() {
                    open.diagnosis.push(',');
                }
                open.diagnosis.push_str(code);
            }
        }
    }

    fn line(&mut self, segment: &Segment<'_>, findings: &mut Findings) {
        self.end_line(findings);
        let Some(open) = &mut self.open else {
            let place = Place::line(&self.name, segment.number).column("CLM");
            let found = "a service line (SV1) outside of any claim was passed over";
            findings.push(Finding::new(FindingCode::MissingHeader, place, found));
            return;
        };
        open.begun += 1;
        let number = open.begun;
        self.within = Within::Line;
        let billed = procedure(segment, 1);
        let (charge, charge_found) = match Amount::parse(segment.element(2)) {
            Ok(None) => (None, "no charge"),
            Err(_) => (None, "a charge that cannot be read"),
            Ok(Some(amount)) if !amount.is_whole_cents() => (None, "a charge with parts of a cent"),
            Ok(Some(amount)) => {
                let cents = amount.money();
                let plausible = cents.cents().abs() <= cells::LIMIT_CENTS;
                (plausible.then_some(cents), "a charge beyond any line")
            }
        };
        let pos = match ascii(segment.element(5)) {
            Some("") => Ok(None),
            Some(text) => cells::pos_cell(text).map(Some).map_err(|_| ()),
            None => Err(()),
        };
        self.line = Some(OpenLine {
            segment: segment.number,
            number,
            code: billed.code.ok_or(()),
            modifiers: billed.modifiers,
            bad_modifier: billed.bad_modifier,
            charge,
            charge_found,
            units: units(segment.element(4)),
            pos,
            date: None,
            control: None,
            ndc: None,
            rendering: None,
            facility: Address::default(),
        });
    }

    fn date(&mut self, segment: &Segment<'_>) {
        if segment.element(1) != b"472" {
            return;
        }
        let first = day(segment.element(3));
        match (&mut self.line, &mut self.open) {
            (Some(line), _) => line.date = first,
            (None, Some(open)) => open.date = first,
            _ => {}
        }
    }

    /// Ends the line at hand: it becomes a billed line, or is quarantined with the reason.
    fn end_line(&mut self, findings: &mut Findings) {
        let (Some(line), Some(open)) = (self.line.take(), &mut self.open) else { return };
        let reject = |element: &'static str, code, found: &str, expected: &'static str| {
            Some((element, code, found.to_owned(), expected))
        };
        let charge = line.charge;
        if let Some(charge) = charge {
            open.sum += Amount::from_cents(charge.cents());
            self.out.charge += charge;
        }
        open.whole &= charge.is_some();
        let date = line.date.or(open.date);
        let plausible = |d: &Date| (2000..2036).contains(&chrono::Datelike::year(d));
        let problem = match (&line.code, charge, &line.units, &line.pos, date) {
            (Err(()), ..) => reject(
                "SV101",
                FindingCode::BadCode,
                "a procedure that is no CPT or HCPCS code",
                "a code such as HC:96372",
            ),
            (_, None, ..) => reject("SV102", FindingCode::BadMoney, line.charge_found, "an amount, such as 85.00"),
            (_, Some(charge), ..) if charge < Money::ZERO => {
                reject("SV102", FindingCode::NegativeCharge, "a charge below 0", "a charge of 0 or more")
            }
            (_, _, Err(()), ..) => reject("SV104", FindingCode::BadUnits, "units that cannot be read", "a number"),
            (_, _, Ok(Some(units)), ..) if *units <= Units::default() => {
                reject("SV104", FindingCode::NonPositiveUnits, "units of 0 or less", "units above 0")
            }
            (_, _, _, Err(()), _) => {
                reject("SV105", FindingCode::BadPos, "a place of service that cannot be read", "two digits, such as 11")
            }
            (.., None) => reject("DTP03", FindingCode::MissingValue, "no date of service", "DTP*472 with a date"),
            (.., Some(date)) if !plausible(&date) => {
                reject("DTP03", FindingCode::ImplausibleDate, "a date of another time", "a date of service")
            }
            _ if open.claim.claim_id.is_empty() => {
                reject("CLM01", FindingCode::MissingValue, "no claim number", "the practice's number of the claim")
            }
            _ => None,
        };
        let place = |element: &str| Place::line(&self.name, line.segment).column(element);
        if let Some((element, code, found, expected)) = problem {
            self.out.quarantined.push(QuarantinedRow {
                file: self.name.clone(),
                line: line.segment,
                column: element.to_owned(),
                code,
                reason: format!("{found}, expected {expected}"),
            });
            findings.push(Finding::new(code, place(element), found).expected(expected));
            self.out.account.book(Fate::Quarantined, charge);
            return;
        }
        let (Ok(code), Some(charge), Some(date)) = (line.code, charge, date) else { return };
        let mut warn = |code, element: &str, found: &str| {
            let mut finding = Finding::new(code, place(element), found);
            finding.severity = Severity::Warning;
            findings.push(finding);
        };
        if line.bad_modifier {
            warn(FindingCode::BadModifier, "SV101", "a modifier that is none, or a fifth one, was left out");
        }
        let units = line.units.ok().flatten().unwrap_or_else(|| {
            warn(FindingCode::BlankUnits, "SV104", "no units; 1 was taken");
            Units::ONE
        });
        let numbers = self.payer.1.iter().map(String::as_str);
        let (payer, known) = payers::find(self.project, numbers, &self.payer.0, &self.filing);
        let payer = self.names.text(&payer);
        match known {
            Known::ByName => {}
            Known::ByKind => self.by_kind += 1,
            Known::Unknown => {
                self.out.unknown_payers.entry(payer.clone()).or_insert((0, line.segment)).0 += 1;
            }
        }
        // One address as a whole: the state of one with the ZIP code of another would be a place where nobody served.
        let addresses = [line.facility, open.facility, self.billing];
        let address = addresses.into_iter().find(|a| a.zip.is_some() || a.state.is_some()).unwrap_or_default();
        let patient = self.patient.as_ref().or(self.subscriber.as_ref());
        let service = ServiceLine {
            claim_id: open.claim.claim_id.clone(),
            line_number: line.number,
            service_date: date,
            payer,
            plan: None,
            state: address.state,
            zip: address.zip,
            locality: None,
            pos: line.pos.ok().flatten().or(open.pos),
            code,
            modifiers: line.modifiers,
            units,
            charge,
            diagnosis: (!open.diagnosis.is_empty()).then(|| self.names.text(&open.diagnosis)),
            ndc: line.ndc,
            rendering_npi: line.rendering.or_else(|| open.rendering.clone()).or_else(|| self.billing_npi.clone()),
            billing_npi: self.billing_npi.clone(),
            patient_key: patient.and_then(|number| {
                let digest = Sha256::new().chain_update(self.salt).chain_update(number).finalize();
                digest.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))
            }),
            control_number: line.control,
            source: Source { file: self.file, line: line.segment },
        };
        self.out.saw(date);
        // Codes outside the project's scope are kept until the answers are linked: payers answer whole claims.
        self.out.account.book(Fate::Kept, Some(charge));
        open.claim.lines.push(service);
    }

    fn end_claim(&mut self, findings: &mut Findings) {
        self.end_line(findings);
        let Some(open) = self.open.take() else { return };
        let place = Place::line(&self.name, open.segment).column("CLM02");
        match open.total {
            None => {
                let found = "the claim tells no readable total";
                findings.push(Finding::new(FindingCode::ControlTotalDiffers, place, found));
            }
            Some(total) if open.whole && Total::from(total) != open.sum => {
                let found = format!("the claim says {total}, its lines add up to {}", open.sum);
                findings.push(Finding::new(FindingCode::ControlTotalDiffers, place, found));
            }
            Some(_) => {}
        }
        self.within = Within::Subscriber;
        if !open.claim.lines.is_empty() {
            self.out.claims.push(open.claim);
        }
    }
}

/// An element as text; bytes that are not UTF-8 are read as Latin-1.
fn text(element: &[u8]) -> String {
    let bytes = element.trim_ascii();
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|b| char::from(*b)).collect(), str::to_owned)
}

/// A ZIP code. Four more digits that only fill the field (0000, 9998) say nothing.
fn zip(element: &[u8]) -> Option<Zip> {
    // The guide wants nine digits; many systems send 27514-1234.
    let element = element.trim_ascii();
    let (zip, plus4) = match element.len() {
        10 if element[5] == b'-' => (&element[..5], &element[6..]),
        _ => element.split_at_checked(5)?,
    };
    let told = !matches!(plus4, b"" | b"0000" | b"9998" | b"9999");
    let plus4 = if told { ascii(plus4)? } else { "" };
    format!("{}{plus4}", ascii(zip)?).parse().ok()
}
