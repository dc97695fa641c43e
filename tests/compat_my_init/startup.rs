//! The startup files: which, in which order, and what follows when one fails.

use crate::{KILLING, by_all, run};
use sexton_testkit::Image;

const QUIETLY: &[&str] = &["--quiet", "--skip-runit"];

#[test]
fn executable_files_are_run_in_byte_order_and_rc_local_last() {
    by_all(|exam| {
        let mut image = Image::new();
        for (name, said) in [("9", "9"), ("10_x.sh", "10"), (".hidden", "hidden"), ("B", "B")] {
            image.script(&format!("etc/my_init.d/{name}"), &format!("echo '# {said}'"));
        }
        image.script("mnt/target", "echo '# link'");
        let link = |to: &str, name: &str| {
            let at = image.path("etc/my_init.d").join(name);
            std::os::unix::fs::symlink(to, at).expect("a link");
        };
        link("/mnt/target", "link");
        link("/nowhere", "dangling");
        image.file("etc/my_init.d/not-executable", "#!/bin/sh\necho '# never'\n");
        image.folder("etc/my_init.d/folder");
        image.script("etc/rc.local", "echo '# rc.local'");
        let mut expected = Vec::new();
        let files = [".hidden", "10_x.sh", "9", "B", "link"];
        for (name, said) in files.iter().zip(["hidden", "10", "9", "B", "link"]) {
            expected.push(format!("*** Running /etc/my_init.d/{name}..."));
            expected.push(format!("# {said}"));
        }
        expected.extend(["*** Running /etc/rc.local...", "# rc.local"].map(String::from));
        let end = ["*** Running true...", "*** true exited with status 0.", KILLING];
        expected.extend(end.map(String::from));
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        run(exam, &mut image, &["--skip-runit"], &["true"]).is(0, &expected);
    });
}

#[test]
fn a_startup_file_that_fails_ends_the_boot_with_1_and_an_empty_line() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("etc/my_init.d/10", "echo '# ten'; exit 3");
        image.script("etc/my_init.d/20", "echo '# never'");
        image.script("etc/rc.local", "echo '# never'");
        let failed = "*** /etc/my_init.d/10 failed with status 3";
        let loud = ["*** Running /etc/my_init.d/10...", "# ten", failed, "", KILLING];
        run(exam, &mut image, &["--skip-runit"], &["true"]).is(1, &loud);
        run(exam, &mut image, QUIETLY, &["true"]).is(1, &["# ten", failed, ""]);
    });
}

#[test]
fn a_startup_file_that_is_killed_has_failed() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("etc/my_init.d/10", "kill -9 $$");
        let status = exam.deviates("killed", "0", "137");
        let failed = format!("*** /etc/my_init.d/10 failed with status {status}");
        run(exam, &mut image, QUIETLY, &["true"]).is(1, &[&failed, ""]);
    });
}

#[test]
fn a_startup_file_that_cannot_be_run_has_failed_with_127() {
    by_all(|exam| {
        for (text, reason) in [
            ("echo never\n", "Exec format error"),
            ("#!/nosuch/interpreter\n", "No such file or directory"),
        ] {
            let mut image = Image::new();
            image.put("etc/my_init.d/10", text.as_bytes(), 0o755);
            let reason = [reason];
            let more = exam.deviates("exec-reason", &[][..], &reason[..]);
            let lines = ["*** /etc/my_init.d/10 failed with status 127", ""];
            run(exam, &mut image, QUIETLY, &["true"]).is_with(1, &lines, more);
        }
    });
}

#[test]
fn rc_local_that_fails_ends_the_boot() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("etc/rc.local", "exit 4");
        let lines = ["*** /etc/rc.local failed with status 4", ""];
        run(exam, &mut image, QUIETLY, &["true"]).is(1, &lines);
    });
}

#[test]
fn another_directory_can_be_named_and_rc_local_stays() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("ENV_INIT_DIRECTORY", "/etc/alt");
        image.script("etc/my_init.d/10", "echo '# never'");
        image.script("etc/alt/10", "echo '# alt'");
        image.script("etc/rc.local", "echo '# rc'");
        let lines = [
            "*** Running /etc/alt/10...",
            "# alt",
            "*** Running /etc/rc.local...",
            "# rc",
            "*** Running true...",
            "*** true exited with status 0.",
            KILLING,
        ];
        run(exam, &mut image, &["--skip-runit"], &["true"]).is(0, &lines);
    });
}

/// Python's os.path.join puts one `/` between, and none behind another.
#[test]
fn a_slash_at_the_end_of_the_directory_is_not_doubled() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("ENV_INIT_DIRECTORY", "/etc/alt/");
        image.script("etc/alt/10", "exit 3");
        let lines = ["*** /etc/alt/10 failed with status 3", ""];
        run(exam, &mut image, QUIETLY, &["true"]).is(1, &lines);
    });
}

#[test]
fn startup_files_can_be_skipped() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("etc/my_init.d/10", "echo '# never'");
        image.script("etc/rc.local", "echo '# never'");
        let options = ["--quiet", "--skip-runit", "--skip-startup-files"];
        run(exam, &mut image, &options, &["echo", "# ok"]).is(0, &["# ok"]);
    });
}

#[test]
fn a_startup_file_is_given_no_words_and_its_own_path() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("etc/my_init.d/10", "echo \"# $0 $#\"; echo \"# $PWD\"");
        let lines = ["# /etc/my_init.d/10 0", "# /"];
        run(exam, &mut image, QUIETLY, &["true"]).is(0, &lines);
    });
}

/// The image's own syslog is started so.
#[test]
fn what_a_startup_file_leaves_behind_lives_on_until_everything_is_told() {
    by_all(|exam| {
        let mut image = Image::new();
        let daemon = "trap 'echo \"# daemon TERM\"; exit' TERM; : > /mnt/up; \
                      while :; do sleep 0.02; done";
        image.script("mnt/daemon", daemon);
        let line = "/mnt/daemon & until [ -e /mnt/up ]; do sleep 0.02; done";
        image.script("etc/my_init.d/10", line);
        let alive = "grep -q daemon /proc/[0-9]*/comm && echo '# alive'";
        run(exam, &mut image, QUIETLY, &["sh", "-c", alive]).is(0, &["# alive", "# daemon TERM"]);
    });
}

#[test]
fn after_a_failed_boot_no_hook_is_run_and_runit_is_not_touched() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("etc/my_init.d/10", "exit 1");
        for never in
            ["etc/my_init.pre_shutdown.d/10", "etc/my_init.post_shutdown.d/10", "usr/bin/sv"]
        {
            image.script(never, "echo '# never'");
        }
        image.script("usr/bin/runsvdir", "echo '# never'");
        let lines = [
            "*** Running /etc/my_init.d/10...",
            "*** /etc/my_init.d/10 failed with status 1",
            "",
            KILLING,
        ];
        run(exam, &mut image, &[], &[]).is(1, &lines);
        run(exam, &mut image, &[], &["true"]).is(1, &lines);
    });
}

#[test]
fn the_insecure_key_comes_before_the_startup_files() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("usr/sbin/enable_insecure_key", "echo \"# key installed $#\"");
        image.script("etc/my_init.d/10", "echo '# ten'");
        let lines = [
            "*** Installing insecure SSH key for user root",
            "# key installed 0",
            "*** Running /etc/my_init.d/10...",
            "# ten",
            "*** Running true...",
            "*** true exited with status 0.",
            KILLING,
        ];
        let options = ["--skip-runit", "--enable-insecure-key"];
        run(exam, &mut image, &options, &["true"]).is(0, &lines);
    });
}

#[test]
fn without_the_tool_for_the_insecure_key_the_boot_has_failed() {
    by_all(|exam| {
        let mut image = Image::new();
        image.lacks("usr/sbin/enable_insecure_key");
        image.script("etc/my_init.d/10", "echo '# never'");
        let lines = [
            "*** Installing insecure SSH key for user root",
            "*** /usr/sbin/enable_insecure_key failed with status 127",
            "",
            KILLING,
        ];
        let reason = ["No such file or directory"];
        let more = exam.deviates("exec-reason", &[][..], &reason[..]);
        let options = ["--skip-runit", "--enable-insecure-key"];
        run(exam, &mut image, &options, &["true"]).is_with(1, &lines, more);
    });
}

#[test]
fn the_store_is_not_read_again_after_the_insecure_key() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("NAME", "");
        let line = "echo set > /etc/container_environment/NEW";
        image.script("usr/sbin/enable_insecure_key", line);
        let options = ["--quiet", "--skip-runit", "--enable-insecure-key"];
        let command = ["sh", "-c", "echo \"# ${NEW-unset}\""];
        run(exam, &mut image, &options, &command).is(0, &["# unset"]);
    });
}

#[test]
fn a_directory_of_startup_files_that_is_none_is_no_error() {
    by_all(|exam| {
        for directory in ["", "/nowhere", "/mnt/file"] {
            let mut image = Image::new();
            image.env("ENV_INIT_DIRECTORY", directory);
            image.script("etc/my_init.d/10", "echo '# never'");
            image.script("mnt/file", "echo '# never'");
            image.folder("etc/rc.local");
            let words = ["/mnt/file: Not a directory"];
            let more = if directory == "/mnt/file" { &words[..] } else { &[] };
            let more = exam.deviates("no-directory", &[][..], more);
            run(exam, &mut image, QUIETLY, &["echo", "# ok"]).is_with(0, &["# ok"], more);
        }
    });
}

#[test]
fn a_directory_may_be_named_from_where_the_init_is() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("ENV_INIT_DIRECTORY", "mnt/alt");
        image.script("mnt/alt/10", "echo '# alt'");
        let lines = [
            "*** Running mnt/alt/10...",
            "# alt",
            "*** Running true...",
            "*** true exited with status 0.",
            KILLING,
        ];
        run(exam, &mut image, &["--skip-runit"], &["true"]).is(0, &lines);
    });
}

/// What there is was looked up before the first was run.
#[test]
fn startup_files_may_be_taken_away_by_those_before_them() {
    by_all(|exam| {
        let mut image = Image::new();
        let change = "cd /etc/my_init.d; rm 20; chmod -x 30; cp 10 15; chmod +x 40";
        image.script("etc/my_init.d/10", change);
        for name in ["20", "30", "50"] {
            image.script(&format!("etc/my_init.d/{name}"), &format!("echo '# {name}'"));
        }
        image.file("etc/my_init.d/40", "#!/bin/sh\necho '# 40'\n");
        run(exam, &mut image, QUIETLY, &["true"]).is(0, &["# 40", "# 50"]);
    });
}

#[test]
fn two_hundred_startup_files_are_run() {
    by_all(|exam| {
        let mut image = Image::new();
        for number in 0..200 {
            let name = format!("etc/my_init.d/{number:03}_{}", "x".repeat(200));
            image.script(&name, &format!("echo '# {number}'"));
        }
        let story = run(exam, &mut image, QUIETLY, &["true"]);
        let expected = Vec::from_iter((0..200).map(|number| format!("# {number}")));
        assert_eq!((story.code, story.lines), (0, expected));
    });
}
