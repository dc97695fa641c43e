//! The reports that programs read are in the form that those programs want.

use sexton_lint::config::Config;
use sexton_lint::finding::Severity;
use sexton_lint::kind::Kind;
use sexton_lint::lint::{self, Options, Outcome};
use sexton_lint::report::{github, json, sarif, text};
use std::path::Path;
use std::process::Command;

const DOCKERFILE: &str = "# ü\nFROM debian:12\nENTRYPOINT app --port 80\nCMD [\"-v\"]\n";

fn lint(text: &str, kind: Kind) -> Outcome {
    let options = Options { config: Config::default(), level: Severity::Info };
    lint::text("a folder/Dockerfile", text.as_bytes().to_vec(), Some(kind), &options)
}

/// The schema of OASIS, as the crate serde-sarif carries it in its source.
fn sarif_schema() -> serde_json::Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version=1"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().expect("cargo metadata");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let manifest = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let folder = Path::new(manifest["manifest_path"].as_str().unwrap()).parent().unwrap();
    let schema = std::fs::read_to_string(folder.join("src/schema.json")).unwrap();
    serde_json::from_str(&schema).unwrap()
}

#[test]
fn sarif_validates_against_the_schema() {
    let mut schema = sarif_schema();
    // No regular expression: a bracket too many. We write no language.
    for object in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][object]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern");
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let valid = |outcome: &Outcome| {
        let log: serde_json::Value =
            serde_json::from_str(&sarif::render(outcome, "1.2.3")).unwrap();
        let errors: Vec<String> = validator.iter_errors(&log).map(|e| e.to_string()).collect();
        assert_eq!(errors, [""; 0]);
        log
    };
    let log = valid(&lint(DOCKERFILE, Kind::Dockerfile));
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "PID119");
    let location = &log["runs"][0]["results"][1]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "a%20folder/Dockerfile");
    assert_eq!(location["region"]["startLine"], 3);
    assert_eq!(location["region"]["startColumn"], 12);
    valid(&lint("FROM a\nCMD b\nFOO\n", Kind::Dockerfile));
    valid(&Outcome::default());
    // The schema can refuse something.
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0" })));
}

#[test]
fn json_tells_place_fix_and_problems() {
    let read = |outcome: &Outcome| -> serde_json::Value {
        serde_json::from_str(&json::render(outcome)).unwrap()
    };
    let object = read(&lint(DOCKERFILE, Kind::Dockerfile));
    assert_eq!(object["version"], 1);
    let findings = object["findings"].as_array().unwrap();
    let shell = findings.iter().find(|finding| finding["rule"] == "PID101").unwrap();
    assert_eq!((&shell["line"], &shell["column"]), (&3.into(), &12.into()));
    assert_eq!(shell["fix"][0]["text"], "exec ");
    let object = read(&lint("FROM a\nFOO\n", Kind::Dockerfile));
    assert_eq!(object["problems"][0]["line"], 2);
}

#[test]
fn annotations_are_one_line_each_whatever_the_names() {
    let text = github::render(&lint(DOCKERFILE, Kind::Dockerfile));
    let line = text.lines().find(|line| line.contains("PID101")).unwrap();
    assert!(
        line.starts_with("::error file=a folder/Dockerfile,line=3,endLine=3,col=12,"),
        "{line}"
    );
    assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
}

#[test]
fn people_see_the_place_underlined_and_what_to_do() {
    let look = text::Look { width: 100, style: text::Style::Plain };
    let report = text::render(&lint(DOCKERFILE, Kind::Dockerfile), look);
    let expected = "
error[PID101 shell-form-entrypoint]: the shell form of ENTRYPOINT makes a shell PID 1
 --> a folder/Dockerfile:3:12
  |
3 | ENTRYPOINT app --port 80
  |            ^^^^^^^^^^^^^ runs as the child of /bin/sh
  |
  = why: the shell stays and does not pass the stop signal on: docker stop ends in SIGKILL
  = instead: ENTRYPOINT [\"app\", \"--port\", \"80\"]
  = fix: --fix puts exec before it
";
    assert!(report.contains(expected.trim_start()), "{report}");
    assert!(report.ends_with("1 error, 1 warning, 1 remark in 1 file; --fix puts 1 right\n"));
}

#[test]
fn what_a_terminal_would_obey_is_not_passed_on() {
    let hostile = "FROM debian:12\nENTRYPOINT app \u{1b}[2J\u{7} --title \u{9b}x\n";
    let look = text::Look { width: 100, style: text::Style::Plain };
    let report = text::render(&lint(hostile, Kind::Dockerfile), look);
    assert!(!report.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{report:?}");
}
