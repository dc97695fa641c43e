//! How runit is driven: `runsvdir` and `sv` are stubs that tell what they are asked.

use crate::{KILLING, Story, by_all, run, start, until};
use sexton_testkit::{Exam, Image, Run, eventually, libc};

const BOOTING: &str = "*** Booting runit daemon...";
const STARTED: &str = "*** Runit started as PID N";
const STOP: &str = "# sv [-w] [30] [force-stop] [/etc/service/*]";
const STATUS: &str = "# sv [status] [/etc/service/*]";
const ENDING: &str = "*** Shutting down runit daemon (PID N)...";
const TOLD: &str = "# runsvdir got TERM";
const ABORTED: &str = "*** Init system aborted.";

/// It says what it is asked where nothing is thrown away.
const SV: &str = "for word; do said=\"$said [$word]\"; done; echo \"# sv$said\" >&2";

/// It leaves its words in a file, and then it hears.
const RUNSVDIR: &str = "trap 'echo \"# runsvdir got TERM\"; exit 0' TERM
    echo \"$0 $*\" > /mnt/asked; mv /mnt/asked /mnt/runsvdir
    while :; do sleep 0.02; done";

/// Does not end before runsvdir is there; then with this status.
fn ends_with(code: i32) -> String {
    format!("until [ -e /mnt/runsvdir ]; do sleep 0.02; done; exit {code}")
}

/// With both stubs.
fn image() -> Image {
    let image = Image::new();
    image.script("usr/bin/runsvdir", RUNSVDIR);
    image.script("usr/bin/sv", SV);
    image
}

/// Started without a command, and runsvdir is there.
fn started(exam: &Exam, image: &mut Image, options: &[&str]) -> Run {
    let run = start(exam, image, options, &[]);
    eventually("runsvdir is there", || image.has("mnt/runsvdir"));
    run
}

/// What a hook says.
fn hook(image: &Image, when: &str, name: &str, lines: &str) {
    image.script(&format!("etc/my_init.{when}_shutdown.d/{name}"), lines);
}

#[test]
fn without_a_command_a_stop_goes_through_all_steps() {
    by_all(|exam| {
        for signal in [libc::SIGTERM, libc::SIGINT] {
            let mut image = image();
            hook(&image, "pre", "10", "echo '# pre'");
            hook(&image, "post", "10", "echo '# post'");
            let mut run = started(exam, &mut image, &[]);
            run.send(signal);
            let lines = [
                BOOTING,
                STARTED,
                "*** Running /etc/my_init.pre_shutdown.d/10...",
                "# pre",
                STOP,
                ENDING,
                TOLD,
                STATUS,
                "*** Running /etc/my_init.post_shutdown.d/10...",
                "# post",
                ABORTED,
                KILLING,
            ];
            Story::of(&mut run).is(2, &lines);
            assert_eq!(image.text("mnt/runsvdir"), "/usr/bin/runsvdir -P /etc/service\n");
        }
    });
}

#[test]
fn the_pid_that_is_named_is_runsvdirs() {
    by_all(|exam| {
        let mut image = image();
        image.script("usr/bin/runsvdir", &RUNSVDIR.replace("$0 $*", "$$"));
        let mut run = start(exam, &mut image, &[], &["sh", "-c", &ends_with(0)]);
        assert_eq!(run.end().code, 0);
        let line = format!("*** Runit started as PID {}", image.text("mnt/runsvdir").trim_end());
        assert!(run.stdout_so_far().contains(&line), "{:?}", run.stdout_so_far());
    });
}

#[test]
fn a_command_runs_beside_runit_and_its_status_survives_the_stop() {
    by_all(|exam| {
        let script = ends_with(7);
        let lines = [
            BOOTING,
            STARTED,
            &format!("*** Running sh -c {script}..."),
            "*** sh exited with status 7.",
            STOP,
            ENDING,
            TOLD,
            STATUS,
            KILLING,
        ];
        run(exam, &mut image(), &[], &["sh", "-c", &script]).is(7, &lines);
    });
}

#[test]
fn a_stop_ends_the_command_first_and_then_runit() {
    by_all(|exam| {
        let script = "trap 'echo \"# main got TERM\"; exit 0' TERM; \
             until [ -e /mnt/runsvdir ]; do sleep 0.02; done; echo \"# ready\"; \
             while :; do sleep 0.02; done";
        let mut image = image();
        hook(&image, "pre", "10", "echo '# pre'");
        hook(&image, "post", "10", "echo '# post'");
        let mut run = start(exam, &mut image, &["--quiet"], &["sh", "-c", script]);
        until(&mut run, "# ready");
        run.send(libc::SIGTERM);
        let lines = ["# ready", "# main got TERM", "# pre", STOP, TOLD, STATUS, "# post", ABORTED];
        Story::of(&mut run).is(2, &lines);
    });
}

/// As Python reads a whole number.
#[test]
fn sv_is_given_the_timeout() {
    by_all(|exam| {
        for (value, given) in [("11", 11), ("007", 7), (" +12\n", 12), ("1_0", 10), ("0", 0)] {
            let mut image = image();
            image.env("KILL_PROCESS_TIMEOUT", value);
            let stop = format!("# sv [-w] [{given}] [force-stop] [/etc/service/*]");
            let command = ["sh", "-c", &ends_with(0)];
            run(exam, &mut image, &["--quiet"], &command).is(0, &[&stop, TOLD, STATUS]);
        }
    });
}

#[test]
fn the_timeout_is_not_taken_from_the_store() {
    by_all(|exam| {
        let mut image = image();
        image.store("KILL_PROCESS_TIMEOUT", "3");
        let script = format!("echo \"# child sees $KILL_PROCESS_TIMEOUT\"; {}", ends_with(0));
        let lines = ["# child sees 3", STOP, TOLD, STATUS];
        run(exam, &mut image, &["--quiet"], &["sh", "-c", &script]).is(0, &lines);
    });
}

#[test]
fn the_services_are_those_that_the_shells_star_finds() {
    by_all(|exam| {
        let mut image = image();
        for service in ["web", "db", ".hidden"] {
            image.folder(&format!("etc/service/{service}"));
        }
        let lines = [
            "# sv [-w] [30] [force-stop] [/etc/service/db] [/etc/service/web]",
            TOLD,
            "# sv [status] [/etc/service/db] [/etc/service/web]",
        ];
        run(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]).is(0, &lines);
    });
}

#[test]
fn what_sv_prints_of_the_stop_is_thrown_away_and_of_its_errors_not() {
    by_all(|exam| {
        let mut image = image();
        image.script("usr/bin/sv", "echo '# BAD'; echo '# error' >&2; exit 7");
        let lines = ["# error", TOLD, "# error"];
        run(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]).is(0, &lines);
    });
}

#[test]
fn runits_own_end_is_the_inits_and_it_is_not_told_to_end() {
    by_all(|exam| {
        let mut image = image();
        image.script("usr/bin/runsvdir", "exit 5");
        hook(&image, "pre", "10", "echo '# pre'");
        hook(&image, "post", "10", "echo '# post'");
        let lines = [
            BOOTING,
            STARTED,
            "*** Runit exited with status 5",
            "*** Running /etc/my_init.pre_shutdown.d/10...",
            "# pre",
            STOP,
            STATUS,
            "*** Running /etc/my_init.post_shutdown.d/10...",
            "# post",
            KILLING,
        ];
        run(exam, &mut image, &[], &[]).is(5, &lines);
    });
}

#[test]
fn runit_that_is_killed_is_128_and_the_number() {
    by_all(|exam| {
        let mut image = image();
        image.script("usr/bin/runsvdir", "kill -9 $$");
        let story = run(exam, &mut image, &[], &[]);
        let code = exam.deviates("killed", 0, 137);
        let line = format!("*** Runit exited with status {code}");
        story.is(code, &[BOOTING, STARTED, &line, STOP, STATUS, KILLING]);
    });
}

/// The end of runit is no reason to end the command.
#[test]
fn runit_that_ends_beside_a_command_is_of_no_account() {
    by_all(|exam| {
        let mut image = image();
        image.script("usr/bin/runsvdir", "echo > /mnt/runsvdir; exit 5");
        let story = run(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(3)]);
        story.is(3, &[STOP, STATUS]);
    });
}

/// What is said then: one line that begins as all others do, or nothing.
fn missing(exam: &Exam) -> &'static [&'static str] {
    exam.deviates("exec-reason", &[], &["*** exec /usr/bin/runsvdir: No such file or directory"])
}

#[test]
fn without_runsvdir_and_without_a_command_it_is_127() {
    by_all(|exam| {
        let mut image = image();
        std::fs::remove_file(image.path("usr/bin/runsvdir")).expect("the stub");
        image.lacks("usr/bin/runsvdir");
        let mut story = run(exam, &mut image, &[], &[]);
        is_said(&mut story, missing(exam));
        let ended = "*** Runit exited with status 127";
        story.is(127, &[BOOTING, STARTED, ended, STOP, STATUS, KILLING]);
    });
}

#[test]
fn without_runsvdir_a_command_is_run_all_the_same() {
    by_all(|exam| {
        let mut image = image();
        std::fs::remove_file(image.path("usr/bin/runsvdir")).expect("the stub");
        image.lacks("usr/bin/runsvdir");
        let mut story = run(exam, &mut image, &[], &["sh", "-c", "sleep 0.2; exit 4"]);
        is_said(&mut story, missing(exam));
        let lines = [
            BOOTING,
            STARTED,
            "*** Running sh -c sleep 0.2; exit 4...",
            "*** sh exited with status 4.",
            STOP,
            ENDING,
            STATUS,
            KILLING,
        ];
        story.is(4, &lines);
    });
}

/// Takes away the line with these words, wherever it has come.
#[track_caller]
fn is_said(story: &mut Story, words: &[&str]) {
    for words in words {
        let found = story.lines.iter().position(|line| line.contains(words));
        story.lines.remove(found.unwrap_or_else(|| panic!("no {words:?} in {story:#?}")));
    }
}

#[test]
fn the_stop_is_repeated_while_a_service_runs() {
    by_all(|exam| {
        let mut image = image();
        // All in one write: grep may have found what it looks for, and be gone.
        let status = "if [ $1 = status ]; then echo >> /mnt/asked-status
             state=run; [ $(wc -l < /mnt/asked-status) -lt 3 ] || state=down
             printf \"$state: web: 1s\\ndown: db: 1s\\n\"; fi";
        image.script("usr/bin/sv", &format!("{SV}\n{status}"));
        let lines = [STOP, TOLD, STATUS, STOP, STATUS, STOP, STATUS];
        run(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]).is(0, &lines);
    });
}

#[test]
fn runsvdir_that_does_not_mind_term_is_killed_in_time() {
    by_all(|exam| {
        let mut image = image();
        image.env("KILL_PROCESS_TIMEOUT", "1");
        let deaf = RUNSVDIR.replace("echo \"# runsvdir got TERM\"; exit 0", "");
        image.script("usr/bin/runsvdir", &deaf);
        let lines = [
            "# sv [-w] [1] [force-stop] [/etc/service/*]",
            "*** runit daemon (PID N) did not shut down in time. Forcing it to exit.",
            STATUS,
        ];
        run(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]).is(0, &lines);
    });
}

#[test]
fn a_pre_shutdown_hook_that_fails_does_not_keep_the_services_from_their_stop() {
    by_all(|exam| {
        let mut image = image();
        hook(&image, "pre", "10", "exit 3");
        hook(&image, "pre", "20", "echo '# second'");
        hook(&image, "post", "10", "echo '# post'");
        let script = ends_with(7);
        let begin = [
            BOOTING,
            STARTED,
            &format!("*** Running sh -c {script}..."),
            "*** sh exited with status 7.",
            "*** Running /etc/my_init.pre_shutdown.d/10...",
            "*** /etc/my_init.pre_shutdown.d/10 failed with status 3",
            "",
        ];
        let theirs = [KILLING, TOLD];
        let ours = [
            "*** Running /etc/my_init.pre_shutdown.d/20...",
            "# second",
            STOP,
            ENDING,
            TOLD,
            STATUS,
            "*** Running /etc/my_init.post_shutdown.d/10...",
            "# post",
            KILLING,
        ];
        let rest = exam.deviates("failing-hooks", &theirs[..], &ours[..]);
        let lines = [&begin[..], rest].concat();
        run(exam, &mut image, &[], &["sh", "-c", &script]).is(1, &lines);
    });
}

#[test]
fn a_post_shutdown_hook_that_fails_makes_it_1_and_does_not_keep_the_others_from_running() {
    by_all(|exam| {
        let mut image = image();
        hook(&image, "post", "10", "exit 3");
        hook(&image, "post", "20", "echo '# second'");
        let failed = "*** /etc/my_init.post_shutdown.d/10 failed with status 3";
        let rest = exam.deviates("failing-hooks", &[][..], &["# second"][..]);
        let lines = [&[STOP, TOLD, STATUS, failed, ""][..], rest].concat();
        run(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(7)]).is(1, &lines);
    });
}

#[test]
fn a_stop_and_a_pre_shutdown_hook_that_fails_are_1() {
    by_all(|exam| {
        let mut image = image();
        hook(&image, "pre", "10", "exit 3");
        let mut run = started(exam, &mut image, &["--quiet"]);
        run.send(libc::SIGTERM);
        let failed = "*** /etc/my_init.pre_shutdown.d/10 failed with status 3";
        let theirs = [TOLD];
        let ours = [STOP, TOLD, STATUS];
        let rest = exam.deviates("failing-hooks", &theirs[..], &ours[..]);
        let lines = [&[failed, ""][..], rest].concat();
        let mut story = Story::of(&mut run);
        // That it was stopped may be said, too.
        story.lines.retain(|line| line != ABORTED);
        story.is(1, &lines);
    });
}

#[test]
fn hooks_after_a_signal_hear_signals() {
    by_all(|exam| {
        let mut image = image();
        hook(&image, "pre", "10", "grep ^SigIgn /proc/$$/status");
        let mut run = started(exam, &mut image, &["--quiet"]);
        run.send(libc::SIGTERM);
        let theirs = "SigIgn:\t0000000001005002";
        let ignored = exam.deviates("deaf-hooks", theirs, "SigIgn:\t0000000001001000");
        Story::of(&mut run).is(2, &[ignored, STOP, TOLD, STATUS, ABORTED]);
    });
}

#[test]
fn hooks_have_the_environment_of_the_end_of_the_boot() {
    by_all(|exam| {
        let mut image = image();
        image.store("A", "0");
        image.script("etc/my_init.d/10", "echo 1 > /etc/container_environment/A");
        hook(&image, "pre", "10", "echo 2 > /etc/container_environment/A");
        hook(&image, "post", "10", "echo \"# A=$A ${HOME-unset}\"");
        let lines = [STOP, TOLD, STATUS, "# A=1 unset"];
        run(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]).is(0, &lines);
        assert!(image.text("etc/container_environment.sh").contains("export A=1\n"));
    });
}

#[test]
fn a_stop_during_a_pre_shutdown_hook_ends_the_hook() {
    by_all(|exam| {
        let mut image = image();
        let listener = "trap 'echo \"# hook got TERM\"; exit 0' TERM; echo '# in the hook'; \
             while :; do sleep 0.02; done";
        hook(&image, "pre", "10", listener);
        hook(&image, "pre", "20", "echo '# second'");
        hook(&image, "post", "10", "echo '# post'");
        let mut run = start(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]);
        until(&mut run, "# in the hook");
        run.send(libc::SIGTERM);
        let begin = ["# in the hook", "*** An error occurred. Aborting.", "# hook got TERM"];
        let ours = ["# second", STOP, TOLD, STATUS, "# post", ABORTED];
        let rest = exam.deviates("stop-in-hook", &[ABORTED, TOLD][..], &ours[..]);
        Story::of(&mut run).is(2, &[&begin[..], rest].concat());
    });
}

#[test]
fn hooks_are_chosen_and_ordered_as_startup_files_are() {
    by_all(|exam| {
        let mut image = image();
        hook(&image, "pre", "b", "echo '# pre b'");
        hook(&image, "pre", "a", "echo '# pre a'");
        hook(&image, "pre", ".c", "echo '# pre .c'");
        image.file("etc/my_init.pre_shutdown.d/no", "#!/bin/sh\necho '# never'\n");
        image.folder("etc/my_init.pre_shutdown.d/folder");
        let lines = ["# pre .c", "# pre a", "# pre b", STOP, TOLD, STATUS];
        run(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]).is(0, &lines);
    });
}

/// Python acts on it when `sv` has ended, and leaves out the rest.
#[test]
fn a_stop_while_services_are_being_stopped_keeps_nobody_from_being_stopped() {
    by_all(|exam| {
        let mut image = image();
        let wait = "[ $1 = -w ] && until [ -e /mnt/go ]; do sleep 0.02; done";
        image.script("usr/bin/sv", &format!("{SV}\n{wait}; true"));
        hook(&image, "post", "10", "echo '# post'");
        let mut run = start(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]);
        until(&mut run, STOP);
        run.send(libc::SIGTERM);
        run.sleeps();
        image.file("mnt/go", "");
        let theirs = [STOP, ABORTED, TOLD];
        let ours = [STOP, TOLD, STATUS, "# post", ABORTED];
        let lines = exam.deviates("stop-in-stop", &theirs[..], &ours[..]);
        Story::of(&mut run).is(2, lines);
    });
}

#[test]
fn a_stop_during_a_post_shutdown_hook_ends_the_hook() {
    by_all(|exam| {
        let mut image = image();
        let listener = "trap 'echo \"# hook got TERM\"; exit 0' TERM; echo '# in the hook'; \
             while :; do sleep 0.02; done";
        hook(&image, "post", "10", listener);
        hook(&image, "post", "20", "echo '# second'");
        let mut run = start(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(5)]);
        until(&mut run, "# in the hook");
        run.send(libc::SIGINT);
        let begin = [STOP, TOLD, STATUS, "# in the hook", "*** An error occurred. Aborting."];
        let rest = exam.deviates("stop-in-hook", &[][..], &["# second"][..]);
        let lines = [&begin[..], &["# hook got TERM"], rest, &[ABORTED]].concat();
        Story::of(&mut run).is(2, &lines);
    });
}

#[test]
fn the_commands_own_end_in_a_stop_is_of_no_account() {
    by_all(|exam| {
        for end in ["exit 0", "exit 7", "kill -9 $$"] {
            let script = format!(
                "trap '{end}' TERM; until [ -e /mnt/runsvdir ]; do sleep 0.02; done; \
                 echo '# ready'; while :; do sleep 0.02; done"
            );
            let mut run = start(exam, &mut image(), &["--quiet"], &["sh", "-c", &script]);
            until(&mut run, "# ready");
            run.send(libc::SIGTERM);
            Story::of(&mut run).is(2, &["# ready", STOP, TOLD, STATUS, ABORTED]);
        }
    });
}
