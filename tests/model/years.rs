//! A change of year where there is no percentage of Medicare to take of it.

use super::{Ran, cents};

#[test]
fn a_year_for_terms_without_a_percentage_is_said_to_change_nothing() {
    let ran = Ran::small();
    // CHG pays half of the charge, on three lines and one; MCR is Medicare itself.
    for (payer, lines) in [("CHG", 4), ("MCR", 4)] {
        let (modelled, played) = ran.play(&format!("[[scenario.rate]]\npayer = \"{payer}\"\nyear = \"2023\"\n"));
        assert_eq!(played.outcome, modelled.baseline);
        let wanted = format!(
            "one: {lines} lines keep their present rate, for want of one under the change: \
             96372 (its terms are no percentage of Medicare) (scenario.toml:3)."
        );
        assert_eq!(played.notes, [wanted]);
    }
    // Of all payers only COM follows: 10 × (17.60 − 17.65); 1.3 × 34.94 = 45.422 → 45.42, 2 × (45.42 − 44.16). Two lines of the
    // first ten are denied: 8 × −0.05 + 2 × 1.26.
    let (modelled, played) = ran.play("[[scenario.rate]]\nyear = \"2023\"\n");
    assert_eq!(modelled.change(&played).net, cents(-40 + 252));
    assert!(played.notes[0].contains("8 lines keep"), "{:?}", played.notes);
}
