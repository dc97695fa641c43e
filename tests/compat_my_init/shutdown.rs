//! Signals, the stop of the command, and the end of everything else.

use crate::{KILLING, Story, by_all, is_original, run, start, until};
use sexton_testkit::{Image, libc};
use std::time::Duration;

const QUIETLY: &[&str] = &["--quiet", "--skip-runit"];

/// Ends with 9 when it is told to.
const LISTENER: &str =
    "trap 'echo \"# main got TERM\"; exit 9' TERM; echo \"# ready\"; while :; do sleep 0.02; done";

/// Leaves somebody behind who does not mind TERM, and ends with 5.
const LEAVES_A_STUBBORN_ONE: &str = "(trap '' TERM; : > /mnt/up; while :; do sleep 0.02; done) & \
     until [ -e /mnt/up ]; do sleep 0.02; done; exit 5";

/// That long nothing may happen before we believe that nothing will.
const AWHILE: Duration = Duration::from_millis(1000);

#[test]
fn term_and_int_are_term_to_the_command_and_2() {
    by_all(|exam| {
        for signal in [libc::SIGTERM, libc::SIGINT] {
            let mut image = Image::new();
            let mut run = start(exam, &mut image, &["--skip-runit"], &["sh", "-c", LISTENER]);
            until(&mut run, "# ready");
            run.send(signal);
            let lines = [
                &format!("*** Running sh -c {LISTENER}..."),
                "# ready",
                "*** Shutting down sh (PID N)...",
                "# main got TERM",
                "*** Init system aborted.",
                KILLING,
            ];
            Story::of(&mut run).is(2, &lines);
        }
    });
}

#[test]
fn the_line_of_the_stop_has_the_commands_pid() {
    by_all(|exam| {
        let mut image = Image::new();
        let script = format!("echo $$ > /mnt/pid; {LISTENER}");
        let mut run = start(exam, &mut image, &["--skip-runit"], &["sh", "-c", &script]);
        until(&mut run, "# ready");
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 2);
        let line = format!("*** Shutting down sh (PID {})...", image.text("mnt/pid").trim_end());
        assert!(run.stdout_so_far().contains(&line), "{:?}", run.stdout_so_far());
    });
}

#[test]
fn quiet_leaves_of_a_stop_the_line_that_it_was_aborted() {
    by_all(|exam| {
        let mut run = start(exam, &mut Image::new(), QUIETLY, &["sh", "-c", LISTENER]);
        until(&mut run, "# ready");
        run.send(libc::SIGTERM);
        let lines = ["# ready", "# main got TERM", "*** Init system aborted."];
        Story::of(&mut run).is(2, &lines);
    });
}

#[test]
fn a_command_that_does_not_mind_term_is_killed_in_time() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("KILL_PROCESS_TIMEOUT", "1");
        let script = "trap '' TERM; echo \"# ready\"; while :; do sleep 0.02; done";
        let mut run = start(exam, &mut image, QUIETLY, &["sh", "-c", script]);
        until(&mut run, "# ready");
        run.send(libc::SIGTERM);
        let late = "*** sh (PID N) did not shut down in time. Forcing it to exit.";
        Story::of(&mut run).is(2, &["# ready", late, "*** Init system aborted."]);
    });
}

#[test]
fn what_does_not_mind_term_in_the_end_is_killed_in_time_and_the_status_is_kept() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("KILL_ALL_PROCESSES_TIMEOUT", "1");
        let command = ["sh", "-c", LEAVES_A_STUBBORN_ONE];
        let lines = [
            &format!("*** Running sh -c {LEAVES_A_STUBBORN_ONE}..."),
            "*** sh exited with status 5.",
            KILLING,
            "*** Not all processes have exited in time. Forcing them to exit.",
        ];
        run(exam, &mut image, &["--skip-runit"], &command).is(5, &lines);
        // Of that quiet leaves the warning.
        std::fs::remove_file(image.path("mnt/up")).expect("it was there");
        run(exam, &mut image, QUIETLY, &command).is(5, &lines[3..]);
    });
}

#[test]
fn the_commands_children_are_told_when_it_has_ended() {
    by_all(|exam| {
        let script = "(trap 'echo \"# kid TERM\"; exit' TERM; : > /mnt/up; \
             while :; do sleep 0.02; done) & until [ -e /mnt/up ]; do sleep 0.02; done; \
             trap 'echo \"# main TERM\"; sleep 0.2; echo \"# main done\"; exit' TERM; \
             echo \"# ready\"; while :; do sleep 0.02; done";
        let mut run = start(exam, &mut Image::new(), QUIETLY, &["sh", "-c", script]);
        until(&mut run, "# ready");
        run.send(libc::SIGTERM);
        let aborted = "*** Init system aborted.";
        let lines = ["# ready", "# main TERM", "# main done", aborted, "# kid TERM"];
        Story::of(&mut run).is(2, &lines);
    });
}

#[test]
fn without_the_kill_of_all_nobody_is_told() {
    by_all(|exam| {
        let script = "(trap 'echo \"# BAD TERM\"; exit' TERM; : > /mnt/up; \
             while :; do sleep 0.02; done) & until [ -e /mnt/up ]; do sleep 0.02; done; exit 5";
        let options = ["--skip-runit", "--no-kill-all-on-exit"];
        let running = format!("*** Running sh -c {script}...");
        let lines = [&running, "*** sh exited with status 5."];
        run(exam, &mut Image::new(), &options, &["sh", "-c", script]).is(5, &lines);
    });
}

#[test]
fn without_the_kill_of_all_a_stop_still_stops_the_command() {
    by_all(|exam| {
        let options = ["--quiet", "--skip-runit", "--no-kill-all-on-exit"];
        let mut run = start(exam, &mut Image::new(), &options, &["sh", "-c", LISTENER]);
        until(&mut run, "# ready");
        run.send(libc::SIGTERM);
        let lines = ["# ready", "# main got TERM", "*** Init system aborted."];
        Story::of(&mut run).is(2, &lines);
    });
}

#[test]
fn a_second_signal_changes_nothing() {
    by_all(|exam| {
        let mut image = Image::new();
        let script = "trap 'echo \"# main got TERM\"; until [ -e /mnt/go ]; do sleep 0.02; done; \
             exit 9' TERM; trap 'echo \"# BAD INT\"' INT; echo \"# ready\"; \
             while :; do sleep 0.02; done";
        let mut run = start(exam, &mut image, QUIETLY, &["sh", "-c", script]);
        until(&mut run, "# ready");
        run.send(libc::SIGTERM);
        until(&mut run, "# main got TERM");
        for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGINT, libc::SIGTERM] {
            run.send(signal);
            run.sleeps();
        }
        assert!(run.try_wait().expect("our child").is_none());
        image.file("mnt/go", "");
        let lines = ["# ready", "# main got TERM", "*** Init system aborted."];
        Story::of(&mut run).is(2, &lines);
    });
}

#[test]
fn other_signals_are_neither_acted_on_nor_passed_on() {
    by_all(|exam| {
        let mut image = Image::new();
        let script = "for signal in HUP QUIT USR1 USR2 WINCH CONT TSTP PIPE; do \
             trap \"echo '# BAD $signal'\" $signal; done; echo '# ready'; \
             until [ -e /mnt/go ]; do sleep 0.02; done; exit 6";
        let mut run = start(exam, &mut image, QUIETLY, &["sh", "-c", script]);
        until(&mut run, "# ready");
        for signal in [
            libc::SIGHUP,
            libc::SIGQUIT,
            libc::SIGUSR1,
            libc::SIGUSR2,
            libc::SIGWINCH,
            libc::SIGCONT,
            libc::SIGTSTP,
            libc::SIGPIPE,
            libc::SIGRTMIN() + 3,
        ] {
            run.send(signal);
            run.sleeps();
        }
        image.file("mnt/go", "");
        Story::of(&mut run).is(6, &["# ready"]);
    });
}

#[test]
fn a_stop_during_a_startup_file_ends_it_and_the_boot() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("etc/my_init.d/10", LISTENER);
        image.script("etc/my_init.d/20", "echo '# never'");
        image.script("etc/rc.local", "echo '# never'");
        image.script("etc/my_init.pre_shutdown.d/10", "echo '# never'");
        let mut run = start(exam, &mut image, &[], &["true"]);
        until(&mut run, "# ready");
        run.send(libc::SIGTERM);
        let lines = [
            "*** Running /etc/my_init.d/10...",
            "# ready",
            "*** An error occurred. Aborting.",
            "*** Shutting down /etc/my_init.d/10 (PID N)...",
            "# main got TERM",
            "*** Init system aborted.",
            KILLING,
        ];
        Story::of(&mut run).is(2, &lines);
    });
}

#[test]
fn a_startup_file_that_does_not_mind_term_is_killed_in_time() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("KILL_PROCESS_TIMEOUT", "1");
        let script = "trap '' TERM; echo '# ready'; while :; do sleep 0.02; done";
        image.script("etc/my_init.d/10", script);
        let mut run = start(exam, &mut image, QUIETLY, &["true"]);
        until(&mut run, "# ready");
        run.send(libc::SIGINT);
        let lines = [
            "# ready",
            "*** An error occurred. Aborting.",
            "*** /etc/my_init.d/10 (PID N) did not shut down in time. Forcing it to exit.",
            "*** Init system aborted.",
        ];
        Story::of(&mut run).is(2, &lines);
    });
}

/// It times the original's waits, and it takes one from outside for the end of such a time.
#[test]
fn an_alarm_from_outside_is_no_reason_to_stop() {
    by_all(|exam| {
        let mut image = Image::new();
        let script = "trap 'echo \"# main got TERM\"; exit 0' TERM; echo \"# ready\"; \
             until [ -e /mnt/go ]; do sleep 0.02; done; exit 4";
        let mut run = start(exam, &mut image, &["--skip-runit"], &["sh", "-c", script]);
        until(&mut run, "# ready");
        run.send(libc::SIGALRM);
        if !is_original(exam) {
            run.sleeps();
            image.file("mnt/go", "");
        }
        let story = Story::of(&mut run);
        let theirs = (1, "*** Shutting down sh (PID N)...");
        let (code, ended) = exam.deviates("alarm", theirs, (4, "*** sh exited with status 4."));
        assert_eq!(story.code, code, "{story:#?}");
        assert!(story.own().contains(&ended), "{story:#?}");
    });
}

#[test]
fn a_signal_that_comes_in_the_very_end_does_not_cost_the_status() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("KILL_ALL_PROCESSES_TIMEOUT", "1");
        let command = ["sh", "-c", LEAVES_A_STUBBORN_ONE];
        let mut run = start(exam, &mut image, &["--skip-runit"], &command);
        until(&mut run, KILLING);
        run.send(libc::SIGTERM);
        let story = Story::of(&mut run);
        let running = format!("*** Running sh -c {LEAVES_A_STUBBORN_ONE}...");
        let mut lines = vec![&*running, "*** sh exited with status 5.", KILLING];
        let late = ["*** Not all processes have exited in time. Forcing them to exit."];
        lines.extend(exam.deviates("late-stop", &[][..], &late));
        assert_eq!(story.own(), lines);
        assert_eq!(story.code, exam.deviates("late-stop", 130, 5));
    });
}

/// alarm(2): 0 is no alarm.
#[test]
fn a_timeout_of_0_is_none() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("KILL_PROCESS_TIMEOUT", "0");
        let script = "trap '' TERM; echo '# ready'; until [ -e /mnt/go ]; do sleep 0.02; done";
        let mut run = start(exam, &mut image, QUIETLY, &["sh", "-c", script]);
        until(&mut run, "# ready");
        run.send(libc::SIGTERM);
        assert!(run.wait_within(AWHILE).expect("our child").is_none(), "killed");
        image.file("mnt/go", "");
        Story::of(&mut run).is(2, &["# ready", "*** Init system aborted."]);
    });
}

#[test]
fn a_timeout_that_is_no_number_is_refused() {
    by_all(|exam| {
        for name in ["KILL_PROCESS_TIMEOUT", "KILL_ALL_PROCESSES_TIMEOUT"] {
            for value in ["soon", "1.5", "5s", "0x10", "1__0"] {
                let mut image = Image::new();
                image.env(name, value);
                image.store("A", "x");
                let story = run(exam, &mut image, QUIETLY, &["echo", "# never"]);
                assert_eq!((story.code, story.others().len()), (1, 0), "{value}: {story:#?}");
                assert!(!image.has("etc/container_environment.sh"), "{value}");
                if !exam.deviates("bad-timeout", true, false) {
                    let [line] = &story.lines[..] else { panic!("{story:#?}") };
                    assert!(line.contains(name) && line.contains(value), "{line}");
                }
            }
        }
    });
}

#[test]
fn a_timeout_that_is_empty_is_the_default() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("KILL_PROCESS_TIMEOUT", "");
        image.env("KILL_ALL_PROCESSES_TIMEOUT", "");
        let story = run(exam, &mut image, QUIETLY, &["echo", "# ok"]);
        let code = exam.deviates("empty-timeout", 1, 0);
        let said: &[&str] = exam.deviates("empty-timeout", &[], &["# ok"]);
        assert_eq!((story.code, &story.others()[..]), (code, said), "{story:#?}");
    });
}

/// Prints how many zombies there are, when there are none or it has lost its patience.
const COUNT: &str = "tries=0; while [ $tries -lt 500 ]; do \
     zombies=$(grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l); \
     [ $zombies = 0 ] && break; tries=$((tries + 1)); sleep 0.02; done; \
     echo \"# zombies=$zombies\"";

#[test]
fn orphans_are_reaped_while_the_command_runs_and_while_a_startup_file_does() {
    by_all(|exam| {
        let make = "for i in 1 2 3 4 5; do (sleep 0.01 & exit 3); done";
        let script = format!("{make}; {COUNT}");
        let story = run(exam, &mut Image::new(), QUIETLY, &["sh", "-c", &script]);
        story.is(0, &["# zombies=0"]);
        let mut image = Image::new();
        image.script("etc/my_init.d/10", &script);
        run(exam, &mut image, QUIETLY, &["true"]).is(0, &["# zombies=0"]);
    });
}

#[test]
fn hooks_are_skipped_without_runit() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("etc/my_init.pre_shutdown.d/10", "echo '# never'");
        image.script("etc/my_init.post_shutdown.d/10", "echo '# never'");
        run(exam, &mut image, QUIETLY, &["true"]).is(0, &[]);
    });
}

/// Somebody who came from outside, as by `docker exec`, and is not our child.
#[test]
fn only_children_are_waited_for_in_the_end() {
    by_all(|exam| {
        let mut image = Image::new();
        let script = "echo '# ready'; until [ -e /mnt/go ]; do sleep 0.02; done";
        let mut run = start(exam, &mut image, QUIETLY, &["sh", "-c", script]);
        until(&mut run, "# ready");
        let mut guest = run.exec_probe(&["signals", "until", "KILL"]);
        let mut ready = String::new();
        let stdout = guest.stdout.as_mut().expect("a pipe");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut ready).expect("it");
        assert_eq!(ready, "ready\n");
        image.file("mnt/go", "");
        // The time for those who do not mind is longer than our patience.
        Story::of(&mut run).is(0, &["# ready"]);
        guest.wait().expect("killed with the namespace");
    });
}
