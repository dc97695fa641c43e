//! Where it is not PID 1.

use crate::{KILLING, Story, by_all};
use sexton_testkit::Image;

/// As the child of a shell that has another child.
const OUTER: &str = "sh -c 'trap \"echo \\\"# bystander TERM\\\"; exit\" TERM; : > /mnt/up; \
     until [ -e /mnt/done ]; do sleep 0.02; done' & until [ -e /mnt/up ]; do sleep 0.02; done; \
     \"$@\"; echo \"# rc=$?\"; : > /mnt/done; wait";

#[test]
fn those_who_are_no_descendants_are_left_alone() {
    by_all(|exam| {
        let mut image = Image::new();
        image.started_by(OUTER);
        let init = exam.inside(&mut image).options(["--skip-runit"]);
        let mut story = Story::of(&mut init.command(["sh", "-c", "exit 5"]).spawn());
        let lines = ["*** Running sh -c exit 5...", "*** sh exited with status 5.", KILLING];
        let told = exam.deviates("everyone", &["# bystander TERM"][..], &[]);
        let more = exam.deviates("everyone", &[][..], &["PID 1"][..]);
        let lines = [&lines[..], told, &["# rc=5"]].concat();
        // The bystander and the shell say theirs at the same time.
        story.lines.sort_by_key(|line| line.starts_with("# rc"));
        story.is_with(0, &lines, more);
    });
}

#[test]
fn what_the_command_leaves_behind_is_adopted_and_told() {
    by_all(|exam| {
        let mut image = Image::new();
        image.started_by(OUTER);
        let orphan = "(trap 'echo \"# orphan TERM\"; exit' TERM; : > /mnt/orphan; \
                       while :; do sleep 0.02; done) & \
             until [ -e /mnt/orphan ]; do sleep 0.02; done";
        let init = exam.inside(&mut image).options(["--quiet", "--skip-runit"]);
        let story = Story::of(&mut init.command(["sh", "-c", orphan]).spawn());
        let mut others = story.others();
        others.sort_unstable();
        let theirs = &["# bystander TERM", "# orphan TERM", "# rc=0"][..];
        let expected = exam.deviates("everyone", theirs, &["# orphan TERM", "# rc=0"]);
        assert_eq!(others, expected, "{story:#?}");
    });
}
