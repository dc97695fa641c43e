//! Where the original does not work: users who are not root, file systems that cannot be written,
//! stores that are mounted, and bytes that are no text.

use crate::{Story, by_all, run};
use sexton_testkit::{Exam, Image, program, real_root};
use std::os::unix::fs::{PermissionsExt, symlink};

const QUIETLY: &[&str] = &["--quiet", "--skip-runit"];
const SH: &str = "etc/container_environment.sh";
const JSON: &str = "etc/container_environment.json";

/// The original ends with a traceback and 1, ours runs the command, which has this to say, and has
/// a line of its own with each of these words.
#[track_caller]
fn is_survived(exam: &Exam, row: &str, story: &Story, said: &[&str], words: &[&str]) {
    let theirs = || {
        assert_eq!(story.code, 1, "{story:#?}");
        assert!(story.lines.iter().any(|line| line.starts_with("Traceback")), "{story:#?}");
        assert_eq!(story.others(), [""; 0]);
    };
    let ours = || {
        assert_eq!((story.code, &story.others()[..]), (0, said), "{story:#?}");
        let own = story.own();
        for words in words {
            assert!(own.iter().any(|line| line.contains(words)), "no {words:?} in {story:#?}");
        }
        assert_eq!(own.len(), words.len(), "{story:#?}");
        assert_eq!(story.lines.len(), own.len() + said.len(), "{story:#?}");
    };
    exam.deviates(row, &theirs as &dyn Fn(), &ours)();
}

/// Kubernetes: the files are links into a directory that is a link to another.
#[test]
fn a_mounted_config_map_is_read() {
    by_all(|exam| {
        let mut image = Image::new();
        let store = image.path("etc/container_environment");
        image.file("etc/container_environment/..2026_11_24/DATABASE", "db\n");
        image.file("etc/container_environment/..2026_11_24/KEY", "k");
        symlink("..2026_11_24", store.join("..data")).expect("a link");
        symlink("..data/DATABASE", store.join("DATABASE")).expect("a link");
        symlink("..data/KEY", store.join("KEY")).expect("a link");
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", "echo \"# $DATABASE $KEY\""]);
        is_survived(exam, "odd-store", &story, &["# db k"], &[]);
        exam.deviates("odd-store", &(|| {}) as &dyn Fn(), &|| {
            assert!(image.text(SH).ends_with("export DATABASE=db\nexport KEY=k\n"));
            assert!(image.text(JSON).ends_with("\"DATABASE\": \"db\", \"KEY\": \"k\"}"));
        })();
    });
}

#[test]
fn a_file_whose_name_is_no_variables_is_left_out() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("A=B", "x");
        image.store("C", "y");
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", "echo \"# $A $C\""]);
        is_survived(exam, "odd-store", &story, &["#  y"], &["A=B"]);
    });
}

#[test]
fn a_value_of_any_bytes_in_the_store_is_passed_on() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("LATIN", b"caf\xe9\n");
        image.store("B", "y");
        let show = "printf '# %s ' $B; printf '%s' \"$LATIN\" | od -An -tx1";
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", show]);
        // Whether it is said is of no account: nothing is lost.
        let quiet = Story { code: story.code, lines: without_own(exam, &story) };
        is_survived(exam, "odd-store", &quiet, &["# y  63 61 66 e9"], &[]);
        exam.deviates("odd-store", &(|| {}) as &dyn Fn(), &|| {
            let shell = image.bytes(SH);
            let line = b"export LATIN='caf\xe9'\n";
            assert!(shell.windows(line.len()).any(|window| window == line), "{shell:?}");
            assert!(std::str::from_utf8(&image.bytes(JSON)).is_ok(), "JSON is UTF-8");
        })();
    });
}

/// What is left where the init's own lines do not count; a traceback does.
fn without_own(exam: &Exam, story: &Story) -> Vec<String> {
    let counts = |line: &&String| crate::is_original(exam) || !line.starts_with("*** ");
    story.lines.iter().filter(counts).cloned().collect()
}

#[test]
fn a_value_of_any_bytes_in_the_environment_is_passed_on() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("B", "y");
        image.env("LATIN", b"caf\xe9");
        let show = "printf '# %s ' $B; printf '%s' \"$LATIN\" | od -An -tx1";
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", show]);
        let quiet = Story { code: story.code, lines: without_own(exam, &story) };
        is_survived(exam, "odd-store", &quiet, &["# y  63 61 66 e9"], &[]);
        exam.deviates("odd-store", &(|| {}) as &dyn Fn(), &|| {
            assert_eq!(image.bytes("etc/container_environment/LATIN"), b"caf\xe9");
        })();
    });
}

#[test]
fn a_variable_whose_name_is_no_files_is_left_out_of_the_directory() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("B", "y");
        image.env("A/B", "x");
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", "echo \"# $B\""]);
        is_survived(exam, "odd-store", &story, &["# y"], &[]);
        exam.deviates("odd-store", &(|| {}) as &dyn Fn(), &|| {
            assert!(image.text(SH).contains("export A_B=x\n"));
            assert!(image.text(JSON).contains("\"A/B\": \"x\""));
        })();
    });
}

#[test]
fn a_store_that_is_a_file_is_no_store() {
    by_all(|exam| {
        let mut image = Image::new();
        image.file("etc/container_environment", "x");
        let story = run(exam, &mut image, QUIETLY, &["echo", "# ok"]);
        is_survived(exam, "odd-store", &story, &["# ok"], &["container_environment"]);
        assert_eq!(image.text("etc/container_environment"), "x");
    });
}

#[test]
fn a_file_of_the_store_that_cannot_be_read_is_left_out() {
    if !real_root() || !program("setpriv") {
        return;
    }
    by_all(|exam| {
        let mut image = Image::new();
        image.as_user(65534);
        image.store("A", "x");
        image.put("etc/container_environment/SECRET", b"s", 0o600);
        open_to_all(&image, &["etc/container_environment", "etc"]);
        image.put("etc/container_environment/A", b"x", 0o666);
        for name in ["PATH", "LC_ALL", "SEXTON_STRICT"] {
            image.put(&format!("etc/container_environment/{name}"), b"", 0o666);
        }
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", "echo \"# $A ${SECRET-unset}\""]);
        is_survived(exam, "odd-store", &story, &["# x unset"], &["SECRET"]);
    });
}

fn open_to_all(image: &Image, names: &[&str]) {
    for name in names {
        let mode = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(image.path(name), mode).expect("ours");
    }
}

/// The store of the image is 0700 root.
#[test]
fn who_is_not_root_may_run_a_command_without_the_store() {
    if !real_root() || !program("setpriv") {
        return;
    }
    by_all(|exam| {
        let mut image = Image::new();
        image.as_user(65534);
        image.store("A", "x");
        let store = image.path("etc/container_environment");
        std::fs::set_permissions(&store, PermissionsExt::from_mode(0o700)).expect("ours");
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", "echo \"# $(id -u) ${A-unset}\""]);
        let own = exam.deviates("read-only", false, true);
        let said = &["# 65534 unset"];
        if own {
            assert_eq!((story.code, &story.others()[..]), (0, &said[..]), "{story:#?}");
            assert!(story.own().iter().any(|line| line.contains("container_environment")));
        } else {
            assert_eq!(story.code, 1, "{story:#?}");
        }
    });
}

#[test]
fn who_is_not_root_and_has_no_store_is_as_everybody() {
    if !real_root() || !program("setpriv") {
        return;
    }
    by_all(|exam| {
        let mut image = Image::new();
        image.as_user(65534);
        image.script("etc/my_init.d/10", "echo '# ten'");
        run(exam, &mut image, QUIETLY, &["id", "-u"]).is(0, &["# ten", "65534"]);
    });
}

#[test]
fn a_store_that_cannot_be_written_is_read() {
    by_all(|exam| {
        let mut image = Image::new();
        image.read_only_etc();
        image.store("A", "x\n");
        image.env("B", "y");
        image.script("etc/my_init.d/10", "echo \"# ten $A\"");
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", "echo \"# $A\""]);
        let theirs = || {
            assert_eq!((story.code, story.others().len()), (1, 0), "{story:#?}");
        };
        let ours = || {
            assert_eq!(story.code, 0, "{story:#?}");
            assert_eq!(story.others(), ["# ten x", "# x"]);
            assert!(!story.own().is_empty(), "it is said");
            assert!(story.own().iter().all(|line| line.contains("Read-only file system")));
        };
        exam.deviates("read-only", &theirs as &dyn Fn(), &ours)();
        assert!(!image.has(SH));
    });
}

#[test]
fn without_a_store_a_read_only_etc_is_as_any_other() {
    by_all(|exam| {
        let mut image = Image::new();
        image.read_only_etc();
        image.script("etc/my_init.d/10", "echo '# ten'");
        run(exam, &mut image, QUIETLY, &["echo", "# ok"]).is(0, &["# ten", "# ok"]);
    });
}

#[test]
fn a_store_of_two_megabytes_is_read() {
    by_all(|exam| {
        let mut image = Image::new();
        for number in 0..20 {
            image.store(format!("V{number:02}"), "x".repeat(100_000));
        }
        let script = "echo ${#V00} ${#V19}";
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", script]);
        story.is(0, &["100000 100000"]);
        assert!(image.text(SH).len() > 2_000_000);
    });
}

/// environ(7): a NUL is the end of a value.
#[test]
fn a_value_that_no_variable_can_have_is_left_out() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("NULL", b"a\0b");
        image.store("B", "y");
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", "echo \"# ${NULL-unset} $B\""]);
        is_survived(exam, "odd-store", &story, &["# unset y"], &["NULL"]);
    });
}

/// execve(2), MAX_ARG_STRLEN: with it nothing could be started any more.
#[test]
fn a_value_that_no_program_can_be_started_with_is_left_out() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("LONG", "x".repeat(200_000));
        image.store("B", "y");
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", "echo \"# ${LONG-unset} $B\""]);
        let theirs = || assert_eq!((story.code, story.others().len()), (127, 0), "{story:#?}");
        let ours = || {
            assert_eq!((story.code, &story.others()[..]), (0, &["# unset y"][..]), "{story:#?}");
            assert!(story.own().iter().any(|line| line.contains("LONG")), "{story:#?}");
        };
        exam.deviates("odd-store", &theirs as &dyn Fn(), &ours)();
    });
}

/// To open it for reading would last for ever.
#[test]
fn a_pipe_in_the_store_is_no_variable() {
    by_all(|exam| {
        if crate::is_original(exam) {
            return; // It waits for ever.
        }
        let mut image = Image::new();
        image.store("B", "y");
        let pipe = image.path("etc/container_environment/PIPE");
        sexton_testkit::rustix::fs::mkfifoat(
            sexton_testkit::rustix::fs::CWD,
            &pipe,
            sexton_testkit::rustix::fs::Mode::RWXU,
        )
        .expect("a pipe");
        let story = run(exam, &mut image, QUIETLY, &["sh", "-c", "echo \"# $B\""]);
        is_survived(exam, "odd-store", &story, &["# y"], &["PIPE"]);
    });
}
