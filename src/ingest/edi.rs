//! One X12 stream from its first byte to its last: segments through the envelope to whoever reads their kind of set.

use std::io::Read;

use super::claim837;
use super::out::FileOutput;
use super::read::FileReport;
use super::remit835::Answers;
use super::remit835::{self, Interpreter, Sink};
use super::x12::Part;
use super::x12::{Envelope, Event, Reader, Segment, SetKind, Trouble, finding_of};
use super::{TableKind, checks};
use crate::finding::{Finding, FindingCode, Findings, Place};
use crate::project::Project;

/// What a stream held, beside what its readers took.
pub(super) struct Ended<S> {
    /// Sums of the remittances.
    pub(super) tally: remit835::Tally,
    /// Where the remittances went.
    pub(super) sink: S,
    /// Version of the sets.
    pub(super) version: String,
    /// Sets of claims.
    pub(super) claim_sets: u64,
    /// Bytes read (decoded).
    pub(super) bytes: u64,
}

/// Reads a stream. Claims are passed over when there is nobody to read them.
pub(super) fn read<S: Sink>(
    name: &str,
    source: &mut dyn Read,
    sink: S,
    mut claims: Option<&mut claim837::Interpreter<'_>>,
    findings: &mut Findings,
) -> Ended<S> {
    let mut reader = Reader::new(source);
    let mut envelope = Envelope::new(name);
    let mut remits = Interpreter::new(name, sink);
    let (mut segments, mut claim_sets) = (0, 0);
    let mut failed = None;
    loop {
        let segment = match reader.next() {
            Ok(Some(segment)) => segment,
            Ok(None) => break,
            Err(error) => {
                // What was read before the break is kept, and what is left in the buffer is read.
                failed = Some(error);
                reader.give_up();
                continue;
            }
        };
        segments = segment.number;
        if let Some(kind) = envelope.within(&segment) {
            match (kind, &mut claims) {
                (SetKind::Remittance, _) => remits.segment(&segment, findings),
                (SetKind::ProfessionalClaims, Some(claims)) => {
                    claims.segment(&segment, findings);
                    remits.count_outside(&segment, false);
                }
                _ => remits.count_outside(&segment, false),
            }
            if reader.is_troubled() {
                findings.extend(reader.troubles().map(|t| finding_of(name, t)));
            }
            continue;
        }
        let whole = is_whole(&segment);
        if whole {
            let ended = envelope.broke_off(segment.id());
            end_set(ended, None, &mut remits, &mut claims, findings);
            if segment.id() == b"GS" {
                remits.set_default_day(remit835::fields::day(segment.element(4)));
            }
        }
        let event = if whole { envelope.take(&segment, findings) } else { Event::Outside };
        match (event, &mut claims) {
            (Event::Begin(SetKind::Remittance), _) => remits.begin(&segment, findings),
            (Event::Body(SetKind::Remittance), _) => remits.segment(&segment, findings),
            (Event::End(kind), _) => end_set(Some(kind), Some(&segment), &mut remits, &mut claims, findings),
            (Event::Begin(SetKind::ProfessionalClaims), None) => {
                claim_sets += 1;
                let place = Place::line(name, segment.number).column("ST01");
                let found = "a set of claims (837) was passed over: it holds no remittance";
                findings.push(Finding::new(FindingCode::SetNotRead, place, found));
            }
            (Event::Begin(SetKind::ProfessionalClaims), Some(claims)) => {
                claim_sets += 1;
                claims.begin(&segment, findings);
            }
            (Event::Body(SetKind::ProfessionalClaims), Some(claims)) => claims.segment(&segment, findings),
            _ => {}
        }
        if !matches!(
            event,
            Event::Begin(SetKind::Remittance) | Event::Body(SetKind::Remittance) | Event::End(SetKind::Remittance)
        ) {
            let used = whole && matches!(segment.id(), b"ISA" | b"GS" | b"GE" | b"IEA");
            remits.count_outside(&segment, used);
        }
        // A file may end without a last terminator.
        let harmless = |trouble: Trouble| whole && trouble == Trouble::Unterminated;
        if reader.is_troubled() {
            findings.extend(reader.troubles().filter(|t| !harmless(t.0)).map(|t| finding_of(name, t)));
        }
    }
    findings.extend(reader.troubles().map(|t| finding_of(name, t)));
    if let Some(error) = failed {
        let found = format!("reading failed after {} bytes: {error}", reader.position());
        findings.push(Finding::new(FindingCode::TruncatedFile, Place::line(name, segments), found));
    }
    let open = envelope.finish(segments, findings);
    end_set(open, None, &mut remits, &mut claims, findings);
    let version = envelope.version().to_owned();
    let bytes = reader.position();
    let (tally, sink) = remits.finish();
    Ended { tally, sink, version, claim_sets, bytes }
}

/// Ends a set, with its trailer when it has one.
fn end_set<S: Sink>(
    kind: Option<SetKind>,
    trailer: Option<&Segment<'_>>,
    remits: &mut Interpreter<S>,
    claims: &mut Option<&mut claim837::Interpreter<'_>>,
    findings: &mut Findings,
) {
    match (kind, claims) {
        (Some(SetKind::Remittance), _) => remits.end(trailer, findings),
        (Some(SetKind::ProfessionalClaims), Some(claims)) => claims.end(findings),
        _ => {}
    }
}

/// A segment that breaks off is not used, for its last amount may be cut; but a file may end without a last terminator.
fn is_whole(segment: &Segment<'_>) -> bool {
    segment.terminated || matches!(segment.id(), b"SE" | b"GE" | b"IEA") && segment.len() >= 2
}

/// Reads a stream of X12 for reports: one report for its remittances and one for its claims, where it has them.
pub(super) fn file(part: Part<'_>, project: &Project, salt: [u8; 32]) -> Vec<(FileReport, FileOutput)> {
    let mut findings = Findings::default();
    let mut claims = claim837::Interpreter::new(0, &part.name, project, salt);
    let answers = Answers::new(0, &part.name, project);
    let ended = read(&part.name, part.bytes, answers, Some(&mut claims), &mut findings);
    let report = |kind, set: &str| FileReport {
        name: part.name.clone(),
        kind: Some(kind),
        format: format(set, &ended.version, part.packed),
        encoding: part.encoding.to_owned(),
        ..FileReport::default()
    };
    let mut files = Vec::new();
    if ended.claim_sets > 0 {
        files.push((report(TableKind::ClaimLines, "837P"), claims.finish()));
    }
    let nothing_read = files.is_empty() && ended.tally.transactions == 0;
    if nothing_read {
        let unknown = FileReport {
            kind: None,
            format: format("of another kind", &ended.version, part.packed),
            ..report(TableKind::Remits, "")
        };
        files.push((unknown, FileOutput::default()));
    } else if ended.tally.transactions > 0 {
        let mut of_remits = report(TableKind::Remits, "835");
        of_remits.remittances = Some(Box::new(ended.tally));
        files.push((of_remits, ended.sink.finish()));
    }
    // What is wrong with the file as a whole is said once.
    if let Some((_, output)) = files.first_mut() {
        output.findings.extend(findings.iter().filter(|f| f.code != FindingCode::DoesNotBalance).cloned());
    }
    for (report, output) in &mut files {
        checks::unknown_payers(project, report, output);
        report.rows = output.account.rows_read;
        report.charge = output.charge;
        report.paid = output.paid;
        report.days = output.days;
        let explained = output.findings.iter().any(|f| f.code == FindingCode::SetNotRead);
        if report.rows == 0 && !explained {
            let found = "an X12 file without a claim or a remittance";
            let finding = Finding::new(FindingCode::EmptyFile, Place::file(&report.name), found);
            output.findings.push(finding.help("nothing, if it is an acknowledgement or a status answer"));
        }
    }
    files
}

/// `X12 835 5010, gzip`.
pub(super) fn format(set: &str, version: &str, packed: &str) -> String {
    let version = match version {
        v if v.starts_with("005010") => " 5010",
        v if v.starts_with("004010") => " 4010",
        _ => "",
    };
    let packed = if packed.is_empty() { String::new() } else { format!(", {packed}") };
    format!("X12 {set}{version}{packed}")
}
