//! `sexton lint` and `explain` as a user calls them: files and folders, standard input, exit codes,
//! `--fix` and `--diff`, configuration, and everything that can be wrong with a file.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, args: &[&str]) -> Said {
        self.run_with(args, b"")
    }

    fn run_with(&self, args: &[&str], input: &[u8]) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sexton"))
            .args(args)
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may end without having read.
        let _ = child.stdin.take().unwrap().write_all(input);
        Said::of(child.wait_with_output().unwrap())
    }
}

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn of(output: Output) -> Said {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

const GOOD: &str = "FROM debian:12\nCMD [\"server\"]\n";
const BAD: &str = "FROM debian:12\nCMD server --port 80\n";

#[test]
fn the_exit_code_is_0_clean_1_found_2_unreadable() {
    let folder = Folder::with(&[
        ("good/Dockerfile", GOOD),
        ("bad/Dockerfile", BAD),
        ("broken/Dockerfile", "FROM\n"),
    ]);
    assert_eq!(folder.run(&["lint", "good"]).code, Some(0));
    assert_eq!(folder.run(&["lint", "bad"]).code, Some(1));
    assert_eq!(folder.run(&["lint", "bad", "--fail-on", "error"]).code, Some(0));
    assert_eq!(folder.run(&["lint", "broken"]).code, Some(2));
    // What could be read is told nevertheless.
    let all = folder.run(&["lint"]);
    assert_eq!(all.code, Some(2));
    assert!(all.out.contains("PID102") && all.out.contains("broken/Dockerfile:1"), "{}", all.out);
    assert_eq!(folder.run(&["lint", "nowhere"]).code, Some(2));
    assert_eq!(folder.run(&["lint", "--no-such-option"]).code, Some(125));
}

#[test]
fn standard_input_is_told_by_its_text_or_by_as() {
    let folder = Folder::with(&[]);
    assert_eq!(folder.run_with(&["lint", "-"], BAD.as_bytes()).code, Some(1));
    assert_eq!(folder.run_with(&["lint", "--as", "script", "-"], b"server\n").code, Some(1));
    let unknown = folder.run_with(&["lint", "-"], b"hello\n");
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.out.contains("--as KIND"), "{}", unknown.out);
}

#[test]
fn a_diff_shows_what_fix_does_and_fix_needs_to_be_run_once() {
    let folder = Folder::with(&[("Dockerfile", BAD)]);
    fs::set_permissions(folder.path().join("Dockerfile"), PermissionsExt::from_mode(0o640))
        .unwrap();
    let diff = folder.run(&["lint", "--diff"]);
    assert!(
        diff.out.contains("-CMD server --port 80\n+CMD exec server --port 80\n"),
        "{}",
        diff.out
    );
    assert_eq!(fs::read_to_string(folder.path().join("Dockerfile")).unwrap(), BAD);
    let fixed = folder.run(&["lint", "--fix"]);
    assert_eq!(fixed.code, Some(0), "{}", fixed.out);
    let now = fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
    assert_eq!(now, "FROM debian:12\nCMD exec server --port 80\n");
    let mode = fs::metadata(folder.path().join("Dockerfile")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(folder.run(&["lint", "--diff"]).out, "");
}

#[test]
fn scripts_are_followed_and_looked_at_once() {
    let script = "#!/bin/sh\nset -e\n\"$@\"\n";
    let copy = "FROM debian:12\nCOPY docker/entrypoint.sh /usr/local/bin/\n";
    let dockerfile = format!("{copy}ENTRYPOINT [\"entrypoint.sh\"]\nCMD [\"server\"]\n");
    let folder = Folder::with(&[("Dockerfile", &dockerfile), ("docker/entrypoint.sh", script)]);
    for path in [".", "Dockerfile", "docker/entrypoint.sh"] {
        let said = folder.run(&["lint", path]);
        assert_eq!(said.out.matches("PID201").count(), 1, "{path}: {}", said.out);
        assert!(said.out.contains("docker/entrypoint.sh:3:1"), "{path}: {}", said.out);
    }
    // With an init that waits, the same script is in order.
    let dockerfile = dockerfile.replace("[\"entry", "[\"sexton-init\", \"--\", \"entry");
    fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
    assert_eq!(folder.run(&["lint"]).code, Some(0));
}

#[test]
fn a_comment_with_a_reason_allows_and_one_without_is_an_error() {
    let allowed =
        "FROM debian:12\n# sexton: allow(shell-form-command): sh is bash in our base\nCMD server\n";
    let folder = Folder::with(&[("Dockerfile", allowed)]);
    let said = folder.run(&["lint"]);
    assert_eq!(said.code, Some(0), "{}", said.out);
    assert!(said.out.contains("1 allowed by comments"), "{}", said.out);
    for (from, to, words) in [
        (": sh is bash in our base", "", "no reason is given"),
        ("shell-form-command", "shell-form-comand", "is shell-form-command meant?"),
    ] {
        fs::write(folder.path().join("Dockerfile"), allowed.replace(from, to)).unwrap();
        let said = folder.run(&["lint"]);
        assert_eq!(said.code, Some(2));
        assert!(said.out.contains(words), "{}", said.out);
    }
}

#[test]
fn the_configuration_sets_levels_and_knows_its_rules() {
    let folder = Folder::with(&[
        ("Dockerfile", BAD),
        (
            ".sexton.toml",
            "[lint]\nexclude = [\"vendor/\"]\n[lint.rules]\nshell-form-command = \"off\"\n",
        ),
        ("vendor/Dockerfile", "FROM debian:12\nSTOPSIGNAL KILL\nCMD [\"a\"]\n"),
        ("sub/Dockerfile", GOOD),
    ]);
    assert_eq!(folder.run(&["lint"]).code, Some(0));
    let louder = folder.run(&["lint", "--rule", "PID102=error", "--fail-on", "error"]);
    assert_eq!(louder.code, Some(1));
    assert!(louder.out.contains("error[PID102"), "{}", louder.out);
    let unknown = folder.run(&["lint", "--rule", "PID1O2=off"]);
    assert_eq!(unknown.code, Some(125));
    assert!(unknown.err.contains("is PID102 meant?"), "{}", unknown.err);
    fs::write(folder.path().join(".sexton.toml"), "[lint.rules]\nnothing = \"off\"\n").unwrap();
    let broken = folder.run(&["lint"]);
    assert_eq!(broken.code, Some(125));
    assert!(broken.err.contains(".sexton.toml: no rule is called nothing"), "{}", broken.err);
}

#[test]
fn whatever_is_wrong_with_a_file_is_told_with_its_name() {
    let folder = Folder::with(&[("crlf/Dockerfile", "FROM debian:12\r\nCMD [\"server\"]\r\n")]);
    let at = |name: &str| folder.path().join(name);
    fs::write(at("binary.dockerfile"), b"FROM a\0\x01").unwrap();
    fs::write(at("latin.dockerfile"), b"FROM debian:12\n# \xfc\nCMD [\"a\"]\n").unwrap();
    fs::write(at("bom.dockerfile"), "\u{feff}FROM debian:12\nCMD server\n").unwrap();
    fs::write(at("tab.yaml"), "apiVersion: v1\nkind: Pod\nspec:\n\tcontainers: []\n").unwrap();
    fs::write(at("huge.yaml"), "kind: apiVersion\n".repeat(1 << 20)).unwrap();
    fs::write(at("open.sh"), "#!/bin/sh\nif true; then\n").unwrap();
    symlink("loop.dockerfile", at("loop.dockerfile")).unwrap();
    symlink("..", at("up")).unwrap();
    let fifo = Command::new("mkfifo").arg(at("fifo.dockerfile")).status().unwrap();
    assert!(fifo.success());
    for (name, code, words) in [
        ("binary.dockerfile", 2, "a binary file"),
        ("latin.dockerfile", 2, "line 2 is not UTF-8"),
        ("bom.dockerfile", 1, "bom.dockerfile:2:5"),
        ("tab.yaml", 2, "tab.yaml:4"),
        ("huge.yaml", 2, "larger than 16 MiB"),
        ("open.sh", 2, "ends in the middle of a command"),
        ("loop.dockerfile", 2, "too many levels of symbolic links"),
        ("fifo.dockerfile", 2, "no regular file"),
        ("nowhere.dockerfile", 2, "no such file or directory"),
        ("crlf", 0, "no findings in 1 file"),
    ] {
        let said = folder.run(&["lint", name]);
        assert_eq!(said.code, Some(code), "{name}: {}{}", said.out, said.err);
        assert!(said.out.contains(words), "{name}: {}", said.out);
        assert!(code != 2 || said.out.contains(name), "{name}: {}", said.out);
    }
    // The whole folder, with a link that leads up again, comes to an end.
    assert_eq!(folder.run(&["lint"]).code, Some(2));
}

#[test]
fn templates_in_a_folder_are_skipped_and_said_so() {
    let template = "apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nspec: {}\n{{- end }}\n";
    let folder = Folder::with(&[("templates/pod.yaml", template)]);
    let said = folder.run(&["lint"]);
    assert_eq!(said.code, Some(0), "{}", said.out);
    assert!(said.out.contains("skipped templates/pod.yaml: a template"), "{}", said.out);
    assert_eq!(folder.run(&["lint", "templates/pod.yaml"]).code, Some(2));
}

#[test]
fn results_are_in_the_same_order_every_time() {
    let files: Vec<(String, &str)> =
        (0..40).map(|number| (format!("d{number}/Dockerfile"), BAD)).collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let folder = Folder::with(&files);
    let first = folder.run(&["lint", "--format", "json"]).out;
    for _ in 0..5 {
        assert_eq!(folder.run(&["lint", "--format", "json"]).out, first);
    }
}

#[test]
fn explain_shows_rules_topics_and_the_list() {
    let folder = Folder::with(&[]);
    assert!(folder.run(&["explain"]).out.contains("PID101"));
    assert!(folder.run(&["explain", "pid101"]).out.starts_with("PID101 shell-form-entrypoint: "));
    assert!(folder.run(&["explain", "sigterm"]).out.contains("What to do"));
    let unknown = folder.run(&["explain", "sigtrem"]);
    assert_eq!(unknown.code, Some(125));
    assert!(unknown.err.contains("is sigterm meant?"), "{}", unknown.err);
}
