//! Interchange, functional group, transaction set: where a set begins and ends, whether the counts of the trailers are true,
//! and what is missing. A missing part is a finding; the sets are read all the same.

use super::reader::Trouble;
use super::segment::Segment;
use crate::finding::{Finding, FindingCode, Findings, Place};

/// What a transaction set is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKind {
    /// 835: a remittance.
    Remittance,
    /// 837 of professional claims.
    ProfessionalClaims,
    /// 837 of institutional or dental claims: not read.
    OtherClaims,
    /// Any other set (277, 999, …): not read.
    Other,
}

/// What a segment means to the envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A set begins.
    Begin(SetKind),
    /// A segment within a set.
    Body(SetKind),
    /// A set ends with its trailer.
    End(SetKind),
    /// A segment of the envelope, or one outside of any set.
    Outside,
}

/// A set that is open.
#[derive(Debug)]
struct Set {
    kind: SetKind,
    segments: u64,
    control: Vec<u8>,
    /// It was inferred from its segments: there was no ST.
    inferred: bool,
}

/// Follows the envelope of one file.
#[derive(Debug)]
pub struct Envelope {
    file: String,
    set: Option<Set>,
    /// Sets of the open group, and the group's control number.
    group: Option<(u64, Vec<u8>)>,
    /// Groups of the open interchange, and its control number.
    interchange: Option<(u64, Vec<u8>)>,
    /// Version of the group (GS08): `005010X221A1`.
    version: String,
}

impl Envelope {
    /// An envelope at the start of the file of this name.
    #[must_use]
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), set: None, group: None, interchange: None, version: String::new() }
    }

    /// The version of the sets (GS08 or ST03), as written.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The open set, when this is one of the segments within it that cannot concern the envelope: nearly all do not, for
    /// no id of the envelope has three letters but those of the interchange.
    pub fn within(&mut self, segment: &Segment<'_>) -> Option<SetKind> {
        let ([first, _, _], Some(set)) = (segment.id(), &mut self.set) else { return None };
        if *first == b'I' || !segment.terminated {
            return None;
        }
        set.segments += 1;
        Some(set.kind)
    }

    /// Takes a segment. A set that was open when another begins, or when its group ends, has ended without a trailer: the
    /// caller asks [`Self::broke_off`] first.
    pub fn take(&mut self, segment: &Segment<'_>, findings: &mut Findings) -> Event {
        match segment.id() {
            b"ISA" => {
                self.close_interchange(segment, findings, false);
                self.interchange = Some((0, segment.element(13).to_vec()));
                Event::Outside
            }
            b"GS" => {
                self.close_group(segment, findings, false);
                if let Some((groups, _)) = &mut self.interchange {
                    *groups += 1;
                }
                self.group = Some((0, segment.element(6).to_vec()));
                self.set_version(segment.element(8));
                Event::Outside
            }
            b"ST" => self.begin(segment, findings),
            b"SE" => self.end(segment, findings),
            b"GE" => {
                self.close_group(segment, findings, true);
                Event::Outside
            }
            b"IEA" => {
                self.close_interchange(segment, findings, true);
                Event::Outside
            }
            b"TA1" if self.set.is_none() => Event::Outside,
            id => self.body(id, segment, findings),
        }
    }

    /// Whether the segment that comes next ends an open set without its trailer.
    #[must_use]
    pub fn broke_off(&self, id: &[u8]) -> Option<SetKind> {
        matches!(id, b"ST" | b"GS" | b"GE" | b"ISA" | b"IEA").then(|| self.set.as_ref().map(|set| set.kind)).flatten()
    }

    /// Ends the file: what is still open has lost its end.
    pub fn finish(&mut self, segments: u32, findings: &mut Findings) -> Option<SetKind> {
        let place = Place::line(&self.file, segments);
        let set = self.set.take();
        let missing: Vec<&str> =
            [(set.is_some(), "SE"), (self.group.is_some(), "GE"), (self.interchange.is_some(), "IEA")]
                .into_iter()
                .filter_map(|(open, id)| open.then_some(id))
                .collect();
        if !missing.is_empty() {
            let found = format!("the file ends without {}", missing.join(", "));
            findings.push(Finding::new(FindingCode::MissingTrailer, place.column(missing[0]), found));
        }
        (self.group, self.interchange) = (None, None);
        set.map(|set| set.kind)
    }

    fn set_version(&mut self, version: &[u8]) {
        if !version.is_empty() && version.iter().all(u8::is_ascii_alphanumeric) && version.len() <= 12 {
            self.version = String::from_utf8_lossy(version).into_owned();
        }
    }

    fn place(&self, segment: &Segment<'_>, element: &str) -> Place {
        Place::line(&self.file, segment.number).column(element)
    }

    fn begin(&mut self, segment: &Segment<'_>, findings: &mut Findings) -> Event {
        self.close_set(segment, findings);
        self.set_version(segment.element(3));
        let kind = match segment.element(1) {
            b"835" => SetKind::Remittance,
            b"837" => self.claims(),
            _ => SetKind::Other,
        };
        if matches!(kind, SetKind::Other | SetKind::OtherClaims) {
            let what = match segment.element(1) {
                b"837" => "an 837 of institutional or dental claims".to_owned(),
                id if id.len() == 3 && id.iter().all(u8::is_ascii_digit) => {
                    let id = String::from_utf8_lossy(id).into_owned();
                    match &*id {
                        "997" | "999" => format!("a {id} (acknowledgement)"),
                        "277" => format!("a {id} (claim status)"),
                        "270" | "271" => format!("a {id} (eligibility)"),
                        _ => format!("a set {id}"),
                    }
                }
                _ => "a set of unknown kind".to_owned(),
            };
            let found = format!("{what} was passed over");
            findings.push(Finding::new(FindingCode::SetNotRead, self.place(segment, "ST01"), found));
        }
        if let Some((sets, _)) = &mut self.group {
            *sets += 1;
        }
        self.set = Some(Set { kind, segments: 1, control: segment.element(2).to_vec(), inferred: false });
        Event::Begin(kind)
    }

    /// Professional, unless the version names another guide.
    fn claims(&self) -> SetKind {
        let other = ["X223", "X224", "X096", "X097"].iter().any(|guide| self.version.contains(guide));
        if other { SetKind::OtherClaims } else { SetKind::ProfessionalClaims }
    }

    fn end(&mut self, segment: &Segment<'_>, findings: &mut Findings) -> Event {
        let Some(mut set) = self.set.take() else {
            let found = "a trailer (SE) without a set that it could end";
            findings.push(Finding::new(FindingCode::MissingHeader, self.place(segment, "SE"), found));
            return Event::Outside;
        };
        set.segments += 1;
        let place = |element| self.place(segment, element);
        if !set.inferred {
            count(segment, 1, set.segments, "segments", "in the set", place("SE01"), findings);
            control(segment, &set.control, "ST02", place("SE02"), findings);
        }
        Event::End(set.kind)
    }

    fn body(&mut self, id: &[u8], segment: &Segment<'_>, findings: &mut Findings) -> Event {
        if let Some(set) = &mut self.set {
            set.segments += 1;
            return Event::Body(set.kind);
        }
        let kind = match id {
            b"BPR" | b"TRN" | b"CLP" | b"SVC" => SetKind::Remittance,
            b"BHT" | b"CLM" | b"HL" => SetKind::ProfessionalClaims,
            _ => return Event::Outside,
        };
        let found = "a set begins without its header (ST)";
        findings.push(Finding::new(FindingCode::MissingHeader, self.place(segment, "ST"), found));
        if let Some((sets, _)) = &mut self.group {
            *sets += 1;
        }
        self.set = Some(Set { kind, segments: 1, control: Vec::new(), inferred: true });
        Event::Begin(kind)
    }

    fn close_set(&mut self, segment: &Segment<'_>, findings: &mut Findings) {
        if self.set.take().is_some() {
            let found = "a set has no trailer (SE)";
            findings.push(Finding::new(FindingCode::MissingTrailer, self.place(segment, "SE"), found));
        }
    }

    fn close_group(&mut self, segment: &Segment<'_>, findings: &mut Findings, by_trailer: bool) {
        self.close_set(segment, findings);
        let group = self.group.take();
        let place = |element| self.place(segment, element);
        match (group, by_trailer) {
            (Some((sets, number)), true) => {
                count(segment, 1, sets, "sets", "in the group", place("GE01"), findings);
                control(segment, &number, "GS06", place("GE02"), findings);
            }
            (Some(_), false) => {
                let found = "a group has no trailer (GE)";
                findings.push(Finding::new(FindingCode::MissingTrailer, place("GE"), found));
            }
            (None, true) => {
                let found = "a trailer (GE) without a group header (GS)";
                findings.push(Finding::new(FindingCode::MissingHeader, place("GS"), found));
            }
            (None, false) => {}
        }
    }

    fn close_interchange(&mut self, segment: &Segment<'_>, findings: &mut Findings, by_trailer: bool) {
        self.close_group(segment, findings, false);
        let interchange = self.interchange.take();
        let place = |element| self.place(segment, element);
        match (interchange, by_trailer) {
            (Some((groups, number)), true) => {
                count(segment, 1, groups, "groups", "in the interchange", place("IEA01"), findings);
                control(segment, &number, "ISA13", place("IEA02"), findings);
            }
            (Some(_), false) => {
                let found = "an interchange has no trailer (IEA)";
                findings.push(Finding::new(FindingCode::MissingTrailer, place("IEA"), found));
            }
            // That its header is missing was said where it began.
            (None, _) => {}
        }
    }
}

/// A trailer's count against what was read.
fn count(
    segment: &Segment<'_>,
    element: usize,
    read: u64,
    what: &str,
    within: &str,
    place: Place,
    findings: &mut Findings,
) {
    let told = segment.element(element).trim_ascii();
    let told = std::str::from_utf8(told).ok().filter(|t| t.len() <= 10).and_then(|t| t.parse::<u64>().ok());
    if told == Some(read) {
        return;
    }
    let told = told.map_or_else(|| "no number".to_owned(), |n| n.to_string());
    let found = format!("the trailer says {told}, {read} {what} were read {within}");
    findings.push(Finding::new(FindingCode::CountDiffers, place, found));
}

/// A trailer's control number against its header's. Control numbers are not shown: they say nothing to a reader.
fn control(segment: &Segment<'_>, header: &[u8], name: &str, place: Place, findings: &mut Findings) {
    let plain = |number: &[u8]| number.trim_ascii().iter().copied().skip_while(|b| *b == b'0').collect::<Vec<_>>();
    if plain(segment.element(2)) != plain(header) {
        let found = format!("the control number of the trailer is not that of its header ({name})");
        findings.push(Finding::new(FindingCode::ControlNumberDiffers, place, found));
    }
}

/// The finding for something wrong with the form of the file.
pub(crate) fn finding_of(file: &str, (trouble, number, offset): (Trouble, u32, u64)) -> Finding {
    let place = Place::line(file, number);
    match trouble {
        Trouble::NoHeader => {
            let found = "no interchange header (ISA): the delimiters were inferred from the segments";
            Finding::new(FindingCode::MissingHeader, place.column("ISA"), found)
        }
        Trouble::Noise(bytes) => {
            let found = format!("{bytes} bytes around byte {offset} belong to no interchange");
            Finding::new(FindingCode::NoiseSkipped, place, found)
        }
        Trouble::Unterminated => {
            let found = format!("the segment at byte {offset} breaks off; it was not used");
            Finding::new(FindingCode::BrokenSegment, place, found)
        }
        Trouble::TooLong => {
            let found = format!("from byte {offset} on no segment ends within 64 KB; passed over to the next end");
            Finding::new(FindingCode::BrokenSegment, place, found)
        }
        Trouble::BadHeader => {
            let found =
                format!("the interchange header at byte {offset} is damaged: the delimiters before it were kept");
            Finding::new(FindingCode::MissingHeader, place.column("ISA"), found)
        }
    }
}
