//! Ordinary files, in the shapes that official images and popular charts have: there is nothing to
//! be said about them above a remark.

use sexton_lint::config::Config;
use sexton_lint::finding::Severity;
use sexton_lint::lint::{self, Options, Outcome};
use std::path::{Path, PathBuf};

/// The issue of the rules is precision: so many shapes at least.
const SHAPES_MIN: usize = 60;

fn good() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good")
}

fn lint(folder: &Path) -> Outcome {
    let options = Options { config: Config::default(), level: Severity::Warning };
    lint::paths(&[folder.to_owned()], None, &options)
}

#[test]
fn ordinary_files_have_no_errors_and_no_warnings() {
    let outcome = lint(&good());
    let told = outcome.findings.iter().map(|finding| {
        let line = finding.place.position().0;
        format!("{}:{line}: {} {}", finding.place.source.name, finding.rule.code, finding.what)
    });
    assert_eq!(told.collect::<Vec<_>>(), [""; 0]);
    let unread: Vec<_> = outcome.problems.iter().map(|p| (&p.name, &p.words)).collect();
    assert!(unread.is_empty(), "{unread:?}");
    assert!(outcome.files >= SHAPES_MIN, "only {} files were looked into", outcome.files);
}

/// Shows that the files above are understood, and not passed over.
#[test]
fn the_same_files_without_their_execs_are_found() {
    let place = tempfile::tempdir().unwrap();
    let (mut changed, mut expected) = (0, Vec::new());
    for folder in std::fs::read_dir(good().join("scripts")).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let script = std::fs::read_to_string(folder.path().join("docker-entrypoint.sh")).unwrap();
        let without = script.replace("exec \"$@\"", "\"$@\"").replace("exec server", "server");
        if without == script {
            continue;
        }
        let to = place.path().join(&name);
        std::fs::create_dir(&to).unwrap();
        std::fs::copy(folder.path().join("Dockerfile"), to.join("Dockerfile")).unwrap();
        std::fs::write(to.join("docker-entrypoint.sh"), without).unwrap();
        changed += 1;
        expected.push(name);
    }
    let outcome = lint(place.path());
    for name in expected {
        let found = outcome.findings.iter().any(|f| f.place.source.name.contains(&name));
        assert!(found, "{name} without exec is not found");
    }
    assert!(changed >= 6, "only {changed} scripts have an exec to take away");
}
