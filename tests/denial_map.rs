//! The denial map as it is written: every row of the table resolves to what the row says, and what the table does not know
//! goes to "other" and is told.

use allowable::domain::Group;
use allowable::finding::{FindingCode, Severity};
use allowable::leakage::Cohort;
use allowable::project::Project;
use allowable::reference::{Answer, DenialCategory, Reference};
use allowable::report;

use crate::common::input;

/// The groups under which a row may come; PR lays contractual amounts on the patient and is looked at apart.
const GROUPS: [Group; 4] = [Group::Co, Group::Oa, Group::Pi, Group::Cr];

#[test]
fn every_pair_of_the_map_resolves_as_written() {
    let map = Reference::embedded().unwrap().denials;
    let mut reader = csv::Reader::from_path("datasets/denials/categories.csv").unwrap();
    let header = reader.headers().unwrap().clone();
    let mut rows = 0;
    for (record, line) in reader.records().zip(2u32..) {
        let record = record.unwrap();
        let cell = |name: &str| record.get(header.iter().position(|h| h == name).unwrap()).unwrap();
        let carc = cell("carc").parse().unwrap();
        let rarcs: Vec<_> =
            Some(cell("rarc")).filter(|r| !r.is_empty()).map(|r| r.parse().unwrap()).into_iter().collect();
        let groups: Vec<Group> = match cell("group") {
            "" => GROUPS.into_iter().chain([Group::Pr]).collect(),
            one => vec![one.parse().unwrap()],
        };
        for group in groups {
            let class = map.classify(group, carc, &rarcs);
            let place = format!("line {line}, {group}-{carc} {rarcs:?}");
            assert!(class.known, "{place}");
            assert_eq!(class.row.as_ref().map(|r| r.line), Some(line), "{place}");
            assert_eq!(class.remark, rarcs.first().copied(), "{place}");
            assert_eq!(&*class.word, cell("category"), "{place}");
            assert_eq!(class.is_denial, cell("is_denial") == "Y", "{place}");
            let category = match (class.is_denial, cell("category")) {
                (false, _) => DenialCategory::NotADenial,
                // A decision that was upheld gives no reason of its own.
                (true, "upheld") => DenialCategory::Other,
                (true, word) => DenialCategory::from_word(word).unwrap(),
            };
            assert_eq!(class.category, category, "{place}");
            assert_eq!(&*class.first_action, cell("first_action"), "{place}");
            assert_eq!(&*class.meaning, cell("meaning"), "{place}");
            let fix = if cell("fix").is_empty() { category.fix() } else { cell("fix") };
            assert_eq!(&*class.fix, fix, "{place}");
            let letter = |answer: Answer| match answer {
                Answer::Yes => "Y",
                Answer::No => "N",
                Answer::Partly => "Partly",
            };
            assert_eq!(letter(class.preventable), cell("preventable"), "{place}");
            assert_eq!(letter(class.appealable), cell("appealable"), "{place}");
            assert_eq!(class.moved_to_patient, class.is_denial && group == Group::Pr, "{place}");
        }
        rows += 1;
    }
    assert_eq!(rows, 279, "rows as the manifest counts them");
}

#[test]
fn the_five_reasons_of_the_article_have_fixes_steps_and_evidence() {
    let map = Reference::embedded().unwrap().denials;
    // The steps of the article: 3 document, 2 medical necessity, 5 modifiers, 6 submit with drug codes and NDC.
    let five = [
        (DenialCategory::MissingDocumentation, 3, "CO-16/M127", "order"),
        (DenialCategory::MedicalNecessity, 2, "CO-50", "diagnosis"),
        (DenialCategory::Modifier, 5, "CO-4", "25"),
        (DenialCategory::Bundled, 5, "CO-97", "column-1"),
        (DenialCategory::MissingNdc, 6, "CO-16/M119", "11-digit NDC"),
    ];
    for (category, step, reason, fix) in five {
        let (group, codes) = reason.split_once('-').unwrap();
        let (carc, rarc) = codes.split_once('/').unwrap_or((codes, ""));
        let rarcs: Vec<_> = rarc.parse().into_iter().collect();
        let class = map.classify(group.parse().unwrap(), carc.parse().unwrap(), &rarcs);
        assert_eq!((class.category, class.category.step()), (category, step), "{reason}");
        assert!(category.fix().contains(fix), "{reason}: {}", category.fix());
        assert!(map.evidence(category).len() >= 3, "{reason}");
    }
}

#[test]
fn a_reason_that_the_map_does_not_know_lands_in_other_and_is_told() {
    let project = "title = \"t\"\npractice_place = \"15202-00\"\n[[payer]]\nid = \"MCR\"\nkind = \"medicare\"\nname = \"Medicare\"\n";
    let claims = "claim_id,line_number,service_date,payer_id,code,units,pos,zip,charge\n1,1,2024-03-25,MCR,96372,1,11,43215,40.00\n";
    let remits = "claim_id,line_number,payer_id,remit_date,code,charge,paid,allowed,adjustments\n1,1,MCR,2024-04-10,96372,40.00,0.00,0.00,CO-Z9:40.00\n";
    let project = Project::parse(project, "allowable.toml").unwrap();
    let reference = Reference::embedded().unwrap();
    let inputs = [input("c.csv", claims), input("r.csv", remits)];
    let intake = allowable::ingest::read(&inputs, &project, &|_| ()).unwrap();
    let run = report::run(intake, &project, &reference).unwrap();
    let denial = run.judged[0].money.answers.denial.unwrap();
    assert_eq!(
        (run.judged[0].cohort, denial.category, denial.carc.as_str()),
        (Cohort::Firm, DenialCategory::Other, "Z9")
    );
    let finding = run.report.findings.iter().find(|f| f.code == FindingCode::UnknownCarc).unwrap();
    assert_eq!(
        (finding.severity, finding.place.file.as_str(), finding.place.line),
        (Severity::Warning, "r.csv", Some(2))
    );
    assert!(finding.found.contains("Z9"), "{}", finding.found);
}
