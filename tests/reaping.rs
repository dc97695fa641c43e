//! Reaping: every orphan is adopted and leaves no zombie, at no cost in memory.

use sexton_testkit::{Init, Place, Run, Stream, eventually, for_both_places, libc, signals};
use std::fs::{self, File};
use std::io::Write;

fn only_the_command_is_left(run: &Run) {
    eventually("nobody is left but the command", || run.others().len() == 1);
}

/// wait(2): "A child that terminates, but has not been waited for becomes a zombie".
#[test]
fn a_thousand_orphans_leave_no_zombie() {
    for_both_places(|place| {
        let run = Init::new().place(place).command(["probe", "orphans", "1000"]).spawn();
        let mut run = run.ready();
        only_the_command_is_left(&run);
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 143, "{place:?}");
    });
}

/// clone(2): a child whose exit signal is not SIGCHLD is waited for only with `__WALL`.
#[test]
fn children_with_another_exit_signal_are_reaped_too() {
    for_both_places(|place| {
        let command = ["probe", "strange-children", "50"];
        let run = Init::new().place(place).command(command).spawn().ready();
        only_the_command_is_left(&run);
    });
}

/// signal(7): "Standard signals do not queue": one SIGCHLD may stand for many deaths. All of these
/// happen while the init is stopped.
#[test]
fn deaths_that_share_one_sigchld_are_all_seen() {
    for_both_places(|place| {
        let (stdin, keys) = Stream::pipe_in().expect("a pipe");
        let script =
            "echo ready; read go; for i in $(seq 50); do (sleep 0.2 &); done; echo made; read e";
        let init = Init::new().place(place).stdin(stdin).command(["bash", "-c", script]);
        let mut run = init.spawn().ready();
        let mut keys = File::from(keys);
        run.send(libc::SIGSTOP);
        keys.write_all(b"go\n").expect("bash reads");
        assert_eq!(run.stdout().next_line().as_deref(), Some("made"));
        let zombies = || run.others().iter().filter(|one| one.state == 'Z').count();
        eventually("50 zombies", || zombies() == 50);
        run.send(libc::SIGCONT);
        only_the_command_is_left(&run);
        keys.write_all(b"end\n").expect("bash reads");
        assert_eq!(run.end().code, 0, "{place:?}");
    });
}

/// The resident memory in kB, counted page by page (proc(5), smaps_rollup).
fn resident(run: &Run) -> u32 {
    let file = format!("/proc/{}/smaps_rollup", run.pid());
    let text = fs::read_to_string(&file).expect("smaps_rollup");
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:")).expect("Rss");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn memory_does_not_grow_with_the_number_of_orphans() {
    for_both_places(|place| {
        let after = |count: &str| {
            let run = Init::new().place(place).command(["probe", "orphans", count]).spawn();
            let run = run.ready();
            only_the_command_is_left(&run);
            resident(&run)
        };
        let (few, many) = (after("20"), after("2000"));
        assert!(many <= few + 8, "{place:?}: {few} kB after 20 orphans, {many} kB after 2000");
    });
}

/// The closing word on each, for somebody who looks for who leaves children behind.
#[test]
fn each_orphan_is_said_when_asked_for() {
    for_both_places(|place| {
        for option in ["-w", "--warn-orphans"] {
            let init = Init::new().place(place).options([option]);
            let mut run = init.command(["probe", "orphans", "3"]).spawn().ready();
            for _ in 0..3 {
                let line = run.stderr().next_line().expect("a line");
                assert!(line.contains("orphan"), "{place:?} {line}");
            }
            run.send(libc::SIGTERM);
            let end = run.end();
            assert_eq!((end.code, end.stderr.len()), (143, 3), "{place:?} {end:?}");
        }
    });
}

#[test]
fn nothing_is_said_of_orphans_unless_asked_for() {
    for_both_places(|place| {
        let init = Init::new().place(place).command(["probe", "orphans", "20"]);
        let mut run = init.spawn().ready();
        only_the_command_is_left(&run);
        run.send(libc::SIGTERM);
        assert_eq!(run.end().stderr, Vec::<String>::new(), "{place:?}");
    });
}

/// prctl(2), PR_SET_CHILD_SUBREAPER: "A subreaper fulfills the role of init(1) for its descendant
/// processes." Without it the orphan would go to the PID 1 of the host.
#[test]
fn an_init_that_is_not_pid_1_adopts_orphans_by_itself() {
    for options in [&[][..], &["-s"]] {
        let init = Init::new().place(Place::Here).options(options);
        let parts = ["probe", "family", "name=main", "name=lost orphan session"];
        let mut run = init.command(parts).spawn().ready();
        let lost = run.process_in_state("lost", 'S');
        assert_eq!(lost.parent_inside, run.pid(), "{options:?}");
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 0);
    }
}

/// wait(2) answers with whoever is dead: an orphan's status must not pass for the command's.
#[test]
fn the_status_of_an_orphan_is_not_the_commands() {
    for_both_places(|place| {
        let script = "for i in $(seq 100); do (exit 9 &); done; exit 5";
        for _ in 0..5 {
            let mut run = Init::new().place(place).command(["bash", "-c", script]).spawn();
            assert_eq!(run.end().code, 5, "{place:?}");
        }
    });
}

/// wait(2): only its parent can reap a child. When that has ended too, both are ours.
#[test]
fn a_zombie_whose_parent_lives_is_reaped_when_it_has_ended() {
    for_both_places(|place| {
        // What replaces the shell does not know of the shell's child.
        let script = "sh -c 'sleep 0 & exec sleep 1000' & echo ready; wait; exec sleep 1001";
        let run = Init::new().place(place).command(["sh", "-c", script]).spawn().ready();
        let zombie = run.process_in_state("sleep", 'Z');
        let all = run.others();
        let parent = all.iter().find(|one| one.pid_inside == zombie.parent_inside);
        signals::send(parent.expect("it lives").pid, libc::SIGKILL).expect("it lives");
        only_the_command_is_left(&run);
    });
}

/// setpgid(2): when the last who could continue a stopped group has gone, the kernel sends it HUP
/// and CONT. That is its end, and not the container's.
#[test]
fn a_stopped_group_that_loses_its_parent_is_no_hang_up_of_ours() {
    for_both_places(|place| {
        // Job control gives the sleeping one a group, and its shell is the only one to continue it.
        let job = "set -m; sleep 1000 & kill -STOP $!; \
            until grep -q ') T' /proc/$!/stat; do :; done; kill -KILL $$";
        let script = "setsid bash -c \"$0\"; echo ready; exec sleep 1001";
        let mut run = Init::new().place(place).command(["sh", "-c", script, job]).spawn().ready();
        only_the_command_is_left(&run);
        assert!(run.try_wait().expect("our child").is_none(), "{place:?}");
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 143, "{place:?}");
    });
}
