//! The real runit: Debian's package.

use crate::{KILLING, Story, by_all, start};
use sexton_testkit::{Exam, Image, Run, eventually, libc, program, signals};

const BOOTING: &str = "*** Booting runit daemon...";
const STARTED: &str = "*** Runit started as PID N";
const ENDING: &str = "*** Shutting down runit daemon (PID N)...";
const ABORTED: &str = "*** Init system aborted.";

/// Says when it is there, and what it hears.
const WEB: &str = "trap 'echo \"# web got TERM\"; exit 0' TERM; echo '# web up'; : > /mnt/web
     while :; do sleep 0.02; done";

/// Does not end before a service is there; then with this status.
fn ends_with(code: i32) -> String {
    format!("until [ -e /mnt/web ]; do sleep 0.02; done; exit {code}")
}

/// Asks all, where runit is installed.
#[track_caller]
fn with_runit(ask: impl Fn(&Exam) + Sync) {
    if program("runsvdir") && program("runsv") && program("sv") {
        by_all(ask);
    }
}

/// Started without a command, and a service is there.
fn started(exam: &Exam, image: &mut Image) -> Run {
    let run = start(exam, image, &[], &[]);
    eventually("the service is there", || image.has("mnt/web"));
    run
}

/// Where a line is among all.
#[track_caller]
fn place(story: &Story, line: &str) -> usize {
    let found = story.lines.iter().position(|one| one == line);
    found.unwrap_or_else(|| panic!("no {line:?} in {story:#?}"))
}

#[test]
fn a_stop_ends_a_service_in_order() {
    with_runit(|exam| {
        let mut image = Image::new();
        image.service("web", WEB);
        let mut run = started(exam, &mut image);
        run.send(libc::SIGTERM);
        let story = Story::of(&mut run);
        // The service may be there before the init has said that it started runit.
        assert_eq!(story.own(), [BOOTING, STARTED, ENDING, ABORTED, KILLING]);
        assert_eq!((story.code, &story.others()[..]), (2, &["# web up", "# web got TERM"][..]));
        assert!(place(&story, "# web got TERM") < place(&story, ENDING));
    });
}

#[test]
fn a_command_runs_beside_a_service() {
    with_runit(|exam| {
        let mut image = Image::new();
        image.service("web", WEB);
        let script = ends_with(3);
        let story = Story::of(&mut start(exam, &mut image, &[], &["sh", "-c", &script]));
        let running = format!("*** Running sh -c {script}...");
        let ended = "*** sh exited with status 3.";
        assert_eq!(story.own(), [BOOTING, STARTED, &running, ended, ENDING, KILLING]);
        assert_eq!((story.code, &story.others()[..]), (3, &["# web up", "# web got TERM"][..]));
        assert!(place(&story, ended) < place(&story, "# web got TERM"));
        assert!(place(&story, "# web got TERM") < place(&story, ENDING));
    });
}

#[test]
fn a_service_that_does_not_mind_term_is_killed_in_time() {
    with_runit(|exam| {
        let mut image = Image::new();
        image.env("KILL_PROCESS_TIMEOUT", "1");
        image.service("web", "trap '' TERM; : > /mnt/web; while :; do sleep 0.02; done");
        let script = ends_with(0);
        let story = Story::of(&mut start(exam, &mut image, &[], &["sh", "-c", &script]));
        let running = format!("*** Running sh -c {script}...");
        let lines = [BOOTING, STARTED, &running, "*** sh exited with status 0.", ENDING, KILLING];
        story.is(0, &lines);
    });
}

#[test]
fn a_service_that_crashes_is_started_again_by_runit() {
    with_runit(|exam| {
        let mut image = Image::new();
        let script = "[ -e /mnt/first ] && : > /mnt/web; : > /mnt/first; echo '# web start'
             trap 'exit 0' TERM; while [ -e /mnt/web ]; do sleep 0.02; done; exit 1";
        image.service("web", script);
        let story =
            Story::of(&mut start(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]));
        story.is(0, &["# web start", "# web start"]);
    });
}

#[test]
fn services_are_in_sessions_of_their_own() {
    with_runit(|exam| {
        let mut image = Image::new();
        let script = "echo \"# $$ $(cut -d' ' -f5 /proc/$$/stat) $(cut -d' ' -f6 /proc/$$/stat)\"
             : > /mnt/web; exec sleep 1000";
        image.service("web", script);
        let mut run = start(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]);
        let story = Story::of(&mut run);
        let [line] = &story.others()[..] else { panic!("{story:#?}") };
        let numbers = Vec::from_iter(line.split(' ').skip(1));
        let [_, group, session] = numbers[..] else { panic!("{line}") };
        assert_eq!(group, session, "runsvdir -P");
        assert_ne!(session, "1");
    });
}

/// It may take a while: a TERM that runsvdir gets before it first waits for its directory to change
/// is seen when it has waited, which is 5 s later. The same happens to the original.
#[test]
fn without_services_a_stop_is_clean() {
    with_runit(|exam| {
        let mut run = start(exam, &mut Image::new(), &[], &["true"]);
        let story = Story::of(&mut run);
        let running = "*** Running true...";
        let ended = "*** true exited with status 0.";
        assert_eq!(story.own(), [BOOTING, STARTED, running, ended, ENDING, KILLING]);
        assert_eq!(story.code, 0);
    });
}

/// runsvdir(8): "If runsvdir receives a HUP signal, it sends a TERM signal to each runsv(8)
/// process it is monitoring and then exits with 111."
#[test]
fn runsvdir_that_ends_is_followed() {
    with_runit(|exam| {
        let mut image = Image::new();
        image.service("web", WEB);
        let mut run = started(exam, &mut image);
        let runsvdir = run.process_in_state("runsvdir", 'S').pid;
        signals::send(runsvdir, libc::SIGHUP).expect("it is there");
        let story = Story::of(&mut run);
        assert_eq!(story.code, 111);
        assert_eq!(story.own(), [BOOTING, STARTED, "*** Runit exited with status 111", KILLING]);
        // runsv tells it, and so does the init in the very end.
        let mut others = story.others();
        others.dedup();
        assert_eq!(others, ["# web up", "# web got TERM"]);
    });
}

#[test]
fn services_have_the_environment_of_the_store() {
    with_runit(|exam| {
        let mut image = Image::new();
        image.store("HELLO", "hello\n");
        let script = "echo \"# $HELLO home=$HOME\"; : > /mnt/web; exec sleep 1000";
        image.service("web", script);
        let mut run = start(exam, &mut image, &["--quiet"], &["sh", "-c", &ends_with(0)]);
        Story::of(&mut run).is(0, &["# hello home=/root"]);
    });
}

/// One with a `control/t`, which stops it in its own way; one with a `finish`; one that does not
/// mind TERM; what a startup file has written to the store; and both kinds of hooks.
fn three_services(image: &mut Image) {
    image.env("KILL_PROCESS_TIMEOUT", "2");
    image.store("A", "0");
    image.script("etc/my_init.d/10", "echo 1 > /etc/container_environment/A");
    let up = "echo \"# $NAME up $A\"; : > /mnt/$NAME; while :; do sleep 0.02; done";
    let traps = "trap 'echo \"# BAD TERM\"' TERM; trap 'echo \"# asked got USR1\"; exit 0' USR1";
    image.service("asked", &format!("{traps}; NAME=asked; {up}"));
    image.script("etc/service/asked/control/t", "kill -USR1 $(cat supervise/pid)");
    let trap = "trap 'echo \"# polite got TERM\"; exit 3' TERM";
    image.service("polite", &format!("{trap}; NAME=polite; {up}"));
    image.script("etc/service/polite/finish", "echo \"# finish $1 $2\"");
    image.service("stubborn", &format!("trap '' TERM; NAME=stubborn; {up}"));
    let hook = |when: &str| {
        let states = "sv status /etc/service/* | cut -d: -f1 | sort | uniq | tr '\\n' ' '";
        let path = format!("etc/my_init.{when}_shutdown.d/10");
        image.script(&path, &format!("echo \"# {when}: $({states})\""));
    };
    hook("pre");
    hook("post");
}

#[track_caller]
fn all_three_were_stopped(story: &Story) {
    let mut others = story.others();
    // They start, and they stop, at the same time.
    others[..3].sort_unstable();
    others[4..7].sort_unstable();
    let expected = [
        "# asked up 1",
        "# polite up 1",
        "# stubborn up 1",
        "# pre: run ",
        "# asked got USR1",
        "# finish 3 0",
        "# polite got TERM",
        "# post: down ",
    ];
    assert_eq!(others, expected, "{story:#?}");
    assert!(place(story, "# polite got TERM") < place(story, "# finish 3 0"));
}

#[test]
fn three_services_are_stopped_each_in_its_way_without_a_command() {
    with_runit(|exam| {
        let mut image = Image::new();
        three_services(&mut image);
        let mut run = start(exam, &mut image, &[], &[]);
        let names = ["asked", "polite", "stubborn"];
        eventually("all are up", || names.iter().all(|name| image.has(&format!("mnt/{name}"))));
        run.send(libc::SIGTERM);
        let story = Story::of(&mut run);
        assert_eq!(story.code, 2);
        let expected = [
            "*** Running /etc/my_init.d/10...",
            BOOTING,
            STARTED,
            "*** Running /etc/my_init.pre_shutdown.d/10...",
            ENDING,
            "*** Running /etc/my_init.post_shutdown.d/10...",
            ABORTED,
            KILLING,
        ];
        assert_eq!(story.own(), expected);
        all_three_were_stopped(&story);
    });
}

#[test]
fn three_services_are_stopped_each_in_its_way_beside_a_command() {
    with_runit(|exam| {
        let mut image = Image::new();
        three_services(&mut image);
        let script = "for name in asked polite stubborn; do \
             until [ -e /mnt/$name ]; do sleep 0.02; done; done; exit 6";
        let story = Story::of(&mut start(exam, &mut image, &["--quiet"], &["sh", "-c", script]));
        assert_eq!((story.code, story.own()), (6, vec![]));
        all_three_were_stopped(&story);
    });
}
