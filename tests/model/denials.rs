//! Changes of the first denials that leave what is won back as it is: the payer's own share, else all payers'.

use allowable::project::Project;
use allowable::reference::Reference;
use allowable::report::Cell;

use super::{PROJECT, Ran, claims, of, page, remits};

/// As the small practice, and D1 of Medicare was denied at first and then paid.
fn ran() -> Ran {
    let first = "D1,1,MCR,2024-05-10,96372,40.00,0.00,CO-50:40.00\n";
    let remits = remits();
    let (header, rest) = remits.split_once('\n').unwrap();
    let remits = format!("{header}\n{first}{rest}");
    let project = Project::parse(PROJECT, "allowable.toml").unwrap();
    Ran::new(project, Reference::embedded().unwrap(), &claims(), &remits)
}

#[test]
fn what_is_won_back_is_the_payers_own_share_or_that_of_all() {
    let ran = ran();
    let (modelled, played) = ran.play("[[scenario.denial]]\ninitial = \"10\"\n");
    let denied = |payer: &str, code: &str| of(&modelled, &played, payer, code)[1];
    // COM leaves 35.30 of 52.95 denied, two thirds. 96372: a tenth of 176.50 is 17.65, × 2/3 = 11.77; 96374, of which nothing was
    // denied so far: a tenth of 88.32 is 8.83, × 2/3 = 5.89.
    assert_eq!((denied("COM", "96372"), denied("COM", "96374")), (1177, 589));
    // Medicare gave its only first denial back: nothing of 5.43 is lost.
    assert_eq!(denied("MCR", ""), 0);
    // CHG denied nothing at first: all payers left 35.30 of 52.95 + 13.58 = 66.53. A tenth of 75.03 is 7.50; × 35.30 / 66.53 = 3.9794.
    assert_eq!(denied("CHG", ""), 398);
    // Said where the change is told: COM wins a third back, Medicare all, all payers 31.23 of 66.53 = 46.9 %.
    let report = page(&ran, &modelled);
    let changes = report.sections.iter().find(|s| s.id == "changes").unwrap();
    let wanted = "10% denied at first, as much won back (each payer's own share, 33.3% to 100%; 46.9%, the share of all payers, \
                  where a payer denied nothing at first)";
    assert_eq!(changes.table.rows[0][3], Cell::from(wanted));
}

/// More of the same has no effect of rates: 8 × 0.0333 of a cent would round to one.
#[test]
fn a_change_of_volume_alone_has_no_effect_of_rates() {
    let ran = Ran::small();
    for percent in ["3.3", "7.77", "-12.34", "0.01", "41.9"] {
        let (modelled, played) = ran.play(&format!("[[scenario.volume]]\npercent = \"{percent}\"\n"));
        for (at, effects) in played.outcome.net.iter().enumerate() {
            assert!(effects.of_terms.rate.is_zero(), "{percent}: {:?} {effects:?}", modelled.base.cells[at].key);
        }
        assert_eq!(played.outcome.net_effects().total(), modelled.change(&played).net);
    }
}
