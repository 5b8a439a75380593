//! Scenario files that are wrong.

use allowable::scenario::{Plan, model};

use super::Ran;

#[test]
fn a_scenario_file_that_is_wrong_says_where_and_what() {
    let ran = Ran::small();
    for (text, wanted, help) in [
        ("", "the scenario file is empty", "allowable model --example"),
        ("title = \"x\"", "asks nothing", "allowable model --example"),
        (
            "[[scenario]]\nname = \"a\"\n[[scenario.rate]]\npayer = \"COMM\"\npercent = \"5\"",
            "\"COMM\" is no payer",
            "did you mean \"COM\"?",
        ),
        (
            "[[scenario]]\nname = \"a\"\n[[scenario.rate]]\npayer = \"Zebra Zoo\"\npercent = \"5\"",
            "is no payer",
            "COM, CHG, MCR, OTH",
        ),
        ("[[scenario]]\nname = \"a\"\n[[scenario.rate]]\npercent = \"five\"", "percent: found \"five\"", ""),
        ("[[scenario]]\nname = \"a\"\n[[scenario.rate]]\npercent = \"-101\"", "from -100 to 1000", ""),
        ("[[scenario]]\nname = \"a\"\n[[scenario.rate]]\ncodes = [\"9637\"]\nflat = \"5\"", "found \"9637\"", ""),
        ("[[scenario]]\nname = \"a\"\n[[scenario.rate]]\nflat = \"5\"\npercent = \"5\"", "exclude each other", ""),
        ("[[scenario]]\nname = \"a\"\n[[scenario.rate]]\npayer = \"COM\"", "changes nothing", "percent_of_medicare"),
        (
            "[[scenario]]\nname = \"a\"\n[[scenario.rate]]\nprecent = \"5\"\nflat = \"3\"",
            "unknown key `precent`",
            "did you mean `percent`?",
        ),
        ("[[scenario]]\nname = \"a\"\n[[scenario.rate]]\npos = [\"111\"]\nflat = \"3\"", "pos: found \"111\"", ""),
        ("[[scenario]]\nname = \"a\"\nkind = \"walkaway\"", "kind: found \"walkaway\"", "did you mean \"walk-away\"?"),
        ("[[scenario]]\nname = \"a\"\n[[scenario]]\nname = \"a\"", "two scenarios are called \"a\"", ""),
        (
            "[[scenario]]\nname = \"a\"\n[[scenario.denial]]\nrate = \"4\"\noverturn = \"5\"",
            "`rate` is what is denied in the end",
            "initial",
        ),
        ("[[scenario]]\nname = \"a\"\n[[scenario.denial]]\nrate = \"104\"", "from 0 to 100", ""),
        ("[[scenario]]\nname = \"a\"\n[[scenario.volume]]\nyears = 2", "`years` goes with `growth`", ""),
        (
            "[[scenario]]\nname = \"a\"\n[[scenario.volume]]\ngrowth = \"1000\"\nyears = 30",
            "more than a thousandfold",
            "",
        ),
        ("[[scenario]]\nname = \"a\"\n[scenario.conversion_factor]\nfactor = \"0\"", "dollars per RVU", ""),
        ("[grid]\ndenial = [\"4\"]", "lacks its rates", "percent_of_medicare"),
        ("[grid]\npercent = { from = \"1\", to = \"900\", step = \"1\" }", "more than 40 steps", ""),
        ("[grid]\npercent = [\"1\", \"x\"]", "percent: found \"x\"", ""),
        ("[grid]\npercent = [\"1\"]\ndenial = [\"101\"]", "not from 0 to 100", ""),
        (
            "[[scenario]]\nname = \"fallback\"\n[[breakeven]]\ntarget = \"falback\"",
            "target: found \"falback\"",
            "did you mean \"fallback\"?",
        ),
        ("[tornado]\nby = \"payers\"", "by: found \"payers\"", "did you mean \"payer\"?"),
        ("period = { from = \"2024-02-01\", to = \"2024-01-01\" }\n[tornado]", "`to` lies before `from`", ""),
        ("scenario = 5", "expected tables written as [[scenario]]", ""),
        ("[[scenario]\nname = \"a\"", "not valid TOML", ""),
        ("[[scenario]]\nname = \"baseline\"", "cannot be called \"baseline\"", "another name"),
        ("[[scenario]]\nname = \"Baseline\"", "cannot be called \"Baseline\"", "another name"),
    ] {
        let error = Plan::parse(text, "scenario.toml", &ran.project).unwrap_err();
        assert!(error.message().contains(wanted), "{text}\n{error}");
        assert!(error.remedy().unwrap_or_default().contains(help), "{text}\n{:?}", error.remedy());
        assert!(error.place().unwrap().to_string().starts_with("scenario.toml"), "{error}");
    }
    let error = Plan::parse("[grid]\npercent = [\"1\", \"x\"]", "s.toml", &ran.project).unwrap_err();
    assert_eq!(error.place().unwrap().to_string(), "s.toml:2");
    assert_eq!(error.shown().unwrap()[1].find('^'), error.shown().unwrap()[0].find("\"x\""));
    let late =
        Plan::parse("period = { from = \"2030-01-01\", to = \"2030-12-31\" }\n[tornado]", "s.toml", &ran.project);
    let error = model(&late.unwrap(), &ran.given()).unwrap_err();
    assert!(error.message().contains("no line was served in the baseline"), "{error}");
    assert!(error.remedy().unwrap().contains("2024-04-15"), "{:?}", error.remedy());
}
