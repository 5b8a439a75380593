//! Cases of the project file: what is read, and how errors read.

use super::*;
use crate::domain::{LocalityRule, PayerKind, Period, Terms, UnlistedRule, YearRule, parse_iso_date};

const GOOD: &str = r#"
title = "North Clinic"
inputs = ["claims.csv", "remits.csv"]
scope = ["96372", "J3420"]

[[schedule]]
name = "com2"
path = "com2.csv"

[[payer]]
id = "MCR"
name = "Medicare"
kind = "medicare"
aliases = ["Medicare Part B"]
pos.facility = ["32"]

[[payer]]
id = "COM2"
kind = "commercial"
tolerance_cents = 2
timely_filing_days = 90
[[payer.terms]]
from = "2023-01-01"
to = "2023-12-31"
basis = "percent-of-medicare"
percent = "135"
year = "2022"
locality = "15202-00"
[[payer.terms]]
from = 2024-01-01
basis = "schedule"
schedule = "com2"
unlisted = "percent-of-charge:40"

[columns."claims*.csv"]
charge = "Billed $"
[columns."claims.csv"]
charge = "Gross"
"#;

fn error(text: &str) -> String {
    let error = Project::parse(text, "allowable.toml").unwrap_err();
    match error.remedy() {
        Some(help) => format!("{error} [{help}]"),
        None => error.to_string(),
    }
}

#[test]
fn reads_payers_terms_and_columns() {
    let project = Project::parse(GOOD, "dir/allowable.toml").unwrap();
    assert_eq!(project.folder, Path::new("dir"));
    assert_eq!(project.payer("medicare part-b").map(|p| &*p.id), Some("MCR"));
    assert_eq!(project.payer("Aetna").map(|p| &*p.id), None);
    assert_eq!(project.payer_like("medicare part c"), Some("MCR"));
    let mcr = &project.payers[0];
    assert_eq!((mcr.kind, mcr.sequestration, mcr.lesser_of, mcr.appeal_days), (PayerKind::Medicare, true, true, 120));
    assert_eq!(mcr.npp_factor.unwrap().to_string(), "0.85");
    assert_eq!(mcr.pos_overrides, [("32".parse().unwrap(), true)]);
    let com = &project.payers[1];
    assert_eq!((mcr.timely_filing_days, com.timely_filing_days, com.appeal_days), (365, 90, 120));
    assert_eq!((mcr.assumed.appeal, mcr.assumed.filing, com.assumed.filing), (true, true, false));
    assert_eq!((com.tolerance_cents, com.sequestration), (2, false));
    let day = |text| parse_iso_date(text).unwrap();
    assert_eq!(com.terms[0].0, Period::inclusive(day("2023-01-01"), day("2023-12-31")).unwrap());
    let locality = LocalityRule::Fixed("15202-00".parse().unwrap());
    let factor = "1.35".parse().unwrap();
    assert_eq!(com.terms[0].1, Terms::PercentOfMedicare { factor, year: YearRule::Fixed(2022), locality });
    let unlisted = UnlistedRule::PercentOfCharge("0.4".parse().unwrap());
    assert_eq!(com.terms[1].1, Terms::Schedule { schedule: "com2".into(), unlisted });
    assert_eq!(project.columns_for("in/claims.csv")["charge"], "Gross");
    assert_eq!(project.columns_for("claims_2024.csv")["charge"], "Billed $");
    assert!(project.columns_for("remits.csv").is_empty());
}

#[test]
fn the_template_is_a_valid_project() {
    let project = Project::parse(Project::template(), "allowable.toml").unwrap();
    assert_eq!(project.payers.len(), 1);
    assert_eq!(project.payers[0].terms[0].1, Terms::Medicare);
}

#[test]
fn an_error_says_where_what_and_what_was_meant() {
    assert_eq!(
        error("title = \"x\"\n[[payer]]\nid = \"A\"\nkind = \"comercial\"\n"),
        "allowable.toml:4: payer \"A\": kind: found \"comercial\", expected one of \"medicare\", \"medicare-advantage\", \
         \"medicaid\", \"medicaid-managed\", \"commercial\" [did you mean \"commercial\"?]"
    );
    assert_eq!(
        error("titel = \"x\"\n"),
        "allowable.toml:1: the project file: unknown key `titel` [did you mean `title`?]"
    );
    assert_eq!(
        error(
            "\n[[payer]]\nid = \"A\"\nkind = \"commercial\"\n[[payer.terms]]\nbasis = \"schedule\"\nschedule = \"x\"\n"
        ),
        "allowable.toml:5: terms of payer \"A\": schedule \"x\" is not one of the [[schedule]] tables \
         [add [[schedule]] with name = \"x\" and path = \"FILE.csv\"]"
    );
    assert!(error("title = x\n").starts_with("allowable.toml:1: not valid TOML: "), "{}", error("title = x\n"));
    let twice = "[[payer]]\nid=\"A\"\nkind=\"medicare\"\n[[payer]]\nid=\"B\"\nname=\"a\"\nkind=\"medicare\"\n";
    assert_eq!(error(twice), "allowable.toml:4: payer \"B\": the name \"a\" already belongs to payer \"A\"");
}

#[test]
fn a_saved_mapping_replaces_only_its_own_table() {
    let map = |header: &str| vec![("charge".to_owned(), header.to_owned())];
    let once = with_columns("title = \"x\"\n", "a.csv", &map("Billed \"$\""));
    assert_eq!(once, "title = \"x\"\n\n[columns.\"a.csv\"]\ncharge = \"Billed \\\"$\\\"\"\n");
    let twice = with_columns(&with_columns(&once, "b.csv", &map("B")), "a.csv", &map("A"));
    assert_eq!(twice, "title = \"x\"\n\n[columns.\"a.csv\"]\ncharge = \"A\"\n\n[columns.\"b.csv\"]\ncharge = \"B\"\n");
    assert_eq!(Project::parse(&once, "t").unwrap().columns["a.csv"]["charge"], "Billed \"$\"");
}

#[test]
fn what_working_costs_is_dollars_and_cents() {
    let project = Project::parse("[worklist]\ncost_per_appeal = \"43.84\"\noverturn_denied = \"54.3\"\n", "t").unwrap();
    assert_eq!(project.worklist.cost_per_appeal, Some(crate::domain::Money::from_cents(4384)));
    assert_eq!(project.worklist.overturn_denied, Some("54.3".parse().unwrap()));
    assert_eq!((project.worklist.cost_per_line, project.worklist.state), (None, None));
    assert_eq!(
        error("[worklist]\ncost_per_line = \"0.005\"\n"),
        "allowable.toml:2: worklist: cost_per_line: found 0.005, expected dollars and whole cents, such as \"25.00\""
    );
    assert!(error("[worklist]\noverturn_denied = 101\n").contains("expected a percentage from 0 to 100"));
    assert!(error("[worklist]\ncost_per_apeal = 25\n").contains("did you mean `cost_per_appeal`?"));
}

#[test]
fn events_say_what_they_do_to_volumes_or_are_only_drawn() {
    let text = "[[payer]]\nid=\"A\"\nname=\"Acme\"\nkind=\"medicare\"\n\
        [[event]]\ndate=\"2024-03-09\"\nlabel=\"drawn\"\n\
        [[event]]\ndate=\"2024-07-01\"\nlabel=\"second site\"\neffect=\"level-shift\"\nvolume=\"+15%\"\npayer=\"acme\"\n\
        [[event]]\ndate=\"2024-08-01\"\nlabel=\"outage\"\neffect=\"pulse\"\nmonths=2\n\
        [[event]]\ndate=\"2024-09-01\"\nlabel=\"short\"\neffect=\"pulse\"\n";
    let project = Project::parse(text, "t").unwrap();
    assert_eq!(project.events.len(), 4);
    let told: Vec<_> =
        project.volume_events.iter().map(|e| (&*e.label, e.payer.as_deref(), e.months, e.percent)).collect();
    let expected = [
        ("second site", Some("A"), None, Some(rust_decimal::Decimal::from(15))),
        ("outage", None, Some(2), None),
        ("short", None, Some(1), None),
    ];
    assert_eq!(told, expected);
    let wrong = |more: &str| error(&format!("[[event]]\ndate=\"2024-03-09\"\nlabel=\"x\"\n{more}"));
    for (more, found) in [
        ("months=2\n", "effect is missing"),
        ("effect=\"level-shift\"\nmonths=2\n", "only a pulse has months"),
        ("effect=\"pulse\"\nmonths=0\n", "found 0"),
        ("effect=\"pulse\"\nvolume=\"-100%\"\n", "found \"-100%\""),
        ("effect=\"pulse\"\npayer=\"nobody\"\n", "\"nobody\" is none of the payers"),
        ("effect=\"puls\"\n", "pulse"),
    ] {
        assert!(wrong(more).contains(found), "{more}: {}", wrong(more));
    }
}
