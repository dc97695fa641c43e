//! What is put right keeps its meaning, its comments and its layout, and once is enough.

use sexton_lint::config::Config;
use sexton_lint::finding::Severity;
use sexton_lint::fix;
use sexton_lint::kind::Kind;
use sexton_lint::lint::{self, Options, Outcome};
use sexton_lint::page;
use sexton_lint::rules::RULES;

fn lint(text: &str, kind: Kind) -> Outcome {
    let options = Options { config: Config::default(), level: Severity::Info };
    lint::text("input", text.as_bytes().to_vec(), Some(kind), &options)
}

fn put_right(text: &str, kind: Kind) -> String {
    let outcome = lint(text, kind);
    fix::apply(text, outcome.findings.iter().filter_map(|finding| finding.fix.as_ref())).0
}

#[track_caller]
fn check(kind: Kind, before: &str, after: &str) {
    assert_eq!(put_right(before, kind), after);
    assert_eq!(put_right(after, kind), after, "a second time changes nothing");
}

/// `@` is where `exec` has to go.
#[track_caller]
fn check_exec(kind: Kind, text: &str) {
    check(kind, &text.replacen('@', "", 1), &text.replacen('@', "exec ", 1));
}

#[test]
fn exec_goes_before_the_last_command_and_nothing_else_changes() {
    let dockerfile = "FROM debian:12\r\n# why\r\nCMD  cd /srv   && @./app  # for the shell\r\n";
    check_exec(Kind::Dockerfile, dockerfile);
    let quoted = r#"ENTRYPOINT [ "sh",  "-c", "echo \"hi\"; @./app \"x\"" ]"#;
    check_exec(Kind::Dockerfile, &format!("FROM debian:12\n{quoted}\n"));
    let script = "#!/bin/sh\n# start\nif x; then\n\t@server \"$1\" # one\nfi\n";
    check_exec(Kind::Script, script);
    let manifest = "kind: Pod\napiVersion: v1\nspec:\n  containers: # c\n  - image: debian:12\n";
    let block =
        "    command:\n    - sh\n    - -c\n    - |\n      set -e\n\n      @./app --x  # y\n";
    check_exec(Kind::Kubernetes, &format!("{manifest}{block}"));
}

#[test]
fn nothing_is_put_right_where_exec_would_change_the_meaning() {
    for script in [
        "trap cleanup EXIT\nserver",   // the trap would be lost
        "server\necho stopped",        // something follows
        "run() { server; }\nrun\nrun", // it is run twice
        "A=1 server",                  // exec would have to go behind it
        "while true; do server; done", // it is run again
        ". /lib.sh",                   // no program
        "server | tee log",            // exec would replace a copy
    ] {
        let text = format!("#!/bin/sh\n{script}\n");
        assert_eq!(put_right(&text, Kind::Script), text);
    }
}

#[test]
fn quotes_and_signals_are_put_right() {
    check(
        Kind::Dockerfile,
        "FROM a\nSTOPSIGNAL KILL\nCMD ['node', \"a b.js\", x]\n",
        "FROM a\nSTOPSIGNAL SIGTERM\nCMD [\"node\", \"a b.js\", \"x\"]\n",
    );
}

#[test]
fn the_operating_system_is_put_in_as_the_rest_is_indented() {
    let before = "apiVersion: v1\nkind: Pod\nspec:\n    ";
    let after = "containers:\n    - lifecycle: {stopSignal: SIGINT}\n";
    let os = "os:\n      name: linux\n    ";
    check(Kind::Kubernetes, &format!("{before}{after}"), &format!("{before}{os}{after}"));
}

/// Every example of every page that can be put right is clean of that rule afterwards.
#[test]
fn what_is_put_right_is_not_found_again() {
    let mut fixed = 0;
    for rule in RULES {
        for block in page::blocks(rule.page) {
            let kind = match block.language.as_str() {
                "dockerfile" => Kind::Dockerfile,
                "sh" => Kind::Script,
                _ => Kind::of_text(&block.text).unwrap(),
            };
            let fixable = |outcome: &Outcome| -> Vec<&'static str> {
                let fixable = outcome.findings.iter().filter(|finding| finding.fix.is_some());
                fixable.map(|finding| finding.rule.code).collect()
            };
            let before = lint(&block.text, kind);
            let codes = fixable(&before);
            let after = lint(&put_right(&block.text, kind), kind);
            assert_eq!(fixable(&after), [""; 0], "{}:\n{}", rule.code, block.text);
            for code in &codes {
                let still = after.findings.iter().any(|finding| finding.rule.code == *code);
                assert!(!still, "{code} is still found in\n{}", block.text);
            }
            assert!(after.findings.len() <= before.findings.len(), "{}", block.text);
            fixed += codes.len();
        }
    }
    assert!(fixed > 10, "only {fixed} fixes were tried");
}
