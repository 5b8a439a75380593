//! What is left out for the other side, and what is not asked of payers whose rate is set by law.

use super::{ARGS, practice, section};
use crate::common::run;

/// Ids of the sections of a packet.
fn ids(packet: &serde_json::Value) -> Vec<&str> {
    packet["sections"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect()
}

#[test]
fn the_edition_to_hand_over_holds_the_ask_and_nothing_of_ones_own_desk() {
    let dir = practice();
    let said = run(dir.path(), &[&ARGS[..], &["--hand-over", "--out", "packet", "--format", "json"]].concat()).ends(0);
    let packet = said.json();
    let ask = section(&packet, "ask");
    let offers: Vec<&str> = ask["table"]["rows"].as_array().unwrap().iter().map(|r| r[0].as_str().unwrap()).collect();
    assert_eq!(offers, ["Today's terms", "Ask"]);
    assert_eq!(ids(&packet), ["ask", "services", "terms", "codes", "percent-of-medicare", "record", "drift"]);
    let page = std::fs::read_to_string(dir.path().join("packet/packet.html")).unwrap();
    for own in [
        "allback",
        "alk-away",
        "alk away",
        "After denials",
        "Next year",
        "--ask",
        "--walk",
        "--name",
        "own desk",
        "of all that the practice",
        "Zed",
    ] {
        assert!(!page.contains(own) && !said.out.contains(own), "{own}");
    }
    assert!(!dir.path().join("packet/charts/sensitivity.png").exists());
    // The one for the own desk says what it is.
    let own = run(dir.path(), &[&ARGS[..], &["--format", "json"]].concat()).ends(0);
    assert!(own.out.contains("This edition is for your own desk"), "{}", own.out);
    assert!(ids(&own.json()).contains(&"sensitivity"));
}

#[test]
fn nothing_is_asked_of_a_payer_whose_rate_is_set_by_law() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["packet", "--payer", "MCR", "--no-forecast", "--format", "json"];
    let packet = run(dir.path(), &args).ends(0).json();
    assert_eq!(packet["finding"], "The rate of Medicare Part B is set by law: this packet asks for nothing");
    assert!(!ids(&packet).iter().any(|id| ["ask", "sensitivity", "tornado"].contains(id)), "{:?}", ids(&packet));
    let codes = section(&packet, "codes")["table"]["columns"].to_string();
    assert!(!codes.contains("rate_asked"), "{codes}");
    let asked = run(dir.path(), &[&args[..], &["--ask", "120"]].concat()).ends(0).out;
    assert!(asked.contains("is set by law and not negotiated: the ask is a sum, not an offer"), "{asked}");
    let said = run(dir.path(), &["packet", "--payer", "MCR", "--fallback", "105"]).ends(2);
    assert!(said.err.contains("there is no fallback without an ask"), "{}", said.err);
}
