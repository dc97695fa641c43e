//! What can happen to the original and not to ours.

use crate::{by_all, is_original, run, start, until};
use sexton_testkit::{Exam, Image, Run, eventually, libc, patience, real_root};
use std::fs;
use std::time::Duration;

const QUIETLY: &[&str] = &["--quiet", "--skip-runit"];

/// That long nothing may happen before we believe that nothing will.
const AWHILE: Duration = Duration::from_millis(1000);

/// Whether it does not end. Only who has the bug is not given much time.
fn goes_on(exam: &Exam, run: &mut Run) -> bool {
    let limit = if is_original(exam) { 2 * AWHILE } else { patience() };
    run.wait_within(limit).expect("our child").is_none()
}

/// Whether it has been executed, and can be told.
fn has_begun(exam: &Exam, run: &Run) -> bool {
    let file = |name: &str| fs::read(format!("/proc/{}/{name}", run.pid())).unwrap_or_default();
    // execve(2) has named it, or Python with it.
    let words = file("cmdline");
    let own = words.split(|byte| *byte == 0).take(3).any(|word| word.ends_with(b"/my_init"));
    let status = String::from_utf8_lossy(&file("status")).into_owned();
    // What comes before our first call is the same for everybody. While it waits for signals the
    // kernel shows none of them as blocked.
    let begun = !status.contains("SigBlk:\t0000000000000000") || !run.others().is_empty();
    own && (is_original(exam) || begun)
}

#[test]
fn a_stop_that_comes_as_soon_as_the_init_is_there_is_not_lost() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("etc/my_init.d/10", "sleep 1000");
        let mut run = start(exam, &mut image, &["--skip-runit"], &["true"]);
        eventually("the init is there", || has_begun(exam, &run));
        run.send(libc::SIGTERM);
        let lost = goes_on(exam, &mut run);
        assert_eq!(lost, exam.deviates("early-stop", true, false));
        if !lost {
            assert_eq!(run.code(), 2);
        }
    });
}

/// The orphan fails, and its PID is the next that the namespace gives away.
#[test]
fn a_startup_file_with_the_pid_of_an_orphan_that_failed_is_waited_for() {
    if !real_root() {
        return;
    }
    by_all(|exam| {
        let mut image = Image::new();
        let orphan = "sh -c 'sh -c \"echo \\$\\$ > /mnt/pid; exit 9\" &'
             until [ -s /mnt/pid ]; do sleep 0.02; done
             read pid < /mnt/pid
             while [ -e /proc/$pid ]; do sleep 0.02; done
             echo $((pid - 1)) > /proc/sys/kernel/ns_last_pid";
        image.script("etc/my_init.d/10", orphan);
        image.script("etc/my_init.d/20", "read pid < /mnt/pid; [ $$ = $pid ] && echo '# the same'");
        let story = run(exam, &mut image, QUIETLY, &["echo", "# ok"]);
        let failed = ["*** /etc/my_init.d/20 failed with status 9", ""];
        let theirs = (1, &failed[..]);
        let (code, lines) = exam.deviates("reused-pid", theirs, (0, &["# the same", "# ok"]));
        // The original does not wait for it: it may have said its line, or not.
        let said = story.lines.iter().filter(|line| code == 0 || *line != "# the same");
        assert_eq!(Vec::from_iter(said), lines);
        assert_eq!(story.code, code);
    });
}

/// The memory that is its own: proc(5), `RssAnon`.
fn own_memory(run: &Run) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", run.pid())).expect("it is there");
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("proc(5)");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn orphans_are_forgotten() {
    by_all(|exam| {
        let mut image = Image::new();
        let some = "for i in 1 2 3 4 5; do (true &); done";
        let many = "i=0; while [ $i -lt 500 ]; do (true & true &); i=$((i + 1)); done";
        let wait = "until [ -e /mnt/go ]; do sleep 0.02; done";
        let script = format!("{some}; echo '# some'; {wait}; {many}; echo '# many'; sleep 1000");
        let mut run = start(exam, &mut image, QUIETLY, &["sh", "-c", &script]);
        until(&mut run, "# some");
        run.sleeps();
        let before = own_memory(&run);
        image.file("mnt/go", "");
        until(&mut run, "# many");
        run.sleeps();
        let grown = own_memory(&run) > before + 8;
        assert_eq!(grown, exam.deviates("table", true, false));
        run.send(libc::SIGTERM);
        assert_eq!(run.code(), 2);
    });
}

/// The original has a limit for the command and one for the last processes, and none for hooks and
/// for services that `sv` says are still running.
#[test]
fn a_stop_that_does_not_end_can_be_bounded() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("SEXTON_STOP_TIMEOUT", "1s");
        image.script("usr/bin/runsvdir", "trap 'exit 0' TERM; while :; do sleep 0.02; done");
        image.script("usr/bin/sv", "[ $1 = status ] && echo 'run: web: (pid 7) 1s'");
        let mut run = start(exam, &mut image, &["--quiet"], &["sh", "-c", "echo '# ready'"]);
        until(&mut run, "# ready");
        assert_eq!(goes_on(exam, &mut run), exam.deviates("endless-stop", true, false));
    });
}

#[test]
fn a_hook_that_does_not_end_can_be_bounded() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("SEXTON_STOP_TIMEOUT", "1s");
        image.script("usr/bin/runsvdir", "trap 'exit 0' TERM; while :; do sleep 0.02; done");
        image.script("usr/bin/sv", "");
        let hook = "trap '' TERM; while :; do sleep 0.02; done";
        image.script("etc/my_init.pre_shutdown.d/10", hook);
        let mut run = start(exam, &mut image, &["--quiet"], &["sh", "-c", "echo '# ready'"]);
        until(&mut run, "# ready");
        assert_eq!(goes_on(exam, &mut run), exam.deviates("endless-stop", true, false));
    });
}
