//! Containers within containers: other inits above, below and beside us.

use crate::{LISTENER, by_every_name};
use sexton_testkit::{
    Door, Run, eventually, init_path, libc, probe_path, program, real_root, scratch, signals,
};
use std::process::{Command, Stdio};

fn text(path: &std::path::Path) -> &str {
    path.to_str().expect("text")
}

/// `docker run --init` for an image with an init in it. The command hears once, and neither init
/// says a word.
#[test]
fn an_init_under_an_init_is_one_of_its_children() {
    if !sexton_testkit::namespaces() {
        return;
    }
    by_every_name(|name, outer| {
        let inner = [text(init_path()), "--", text(probe_path())];
        let mut run = outer.command(inner.iter().chain(&LISTENER[1..])).spawn().ready();
        run.send(libc::SIGTERM);
        let end = run.end();
        let heard = end.stdout.iter().filter(|line| *line == "signal 15 value 0").count();
        assert_eq!((end.code, heard, end.stderr), (0, 1, vec![]), "{name}");
    });
}

/// The one process of this name beside PID 1.
fn process(run: &Run, name: &str) -> sexton_testkit::Process {
    run.process_in_state(name, 'S')
}

/// `docker exec sexton-init …`, a pod whose processes share a PID namespace, `--pid=container:X`:
/// we are a guest, and what is not ours is none of our business.
#[test]
fn an_init_that_enters_a_container_adopts_and_tells_its_own_alone() {
    if !real_root() || !program("nsenter") {
        return;
    }
    let mut pod = Door::Pause.ours().init().without_separator().spawn();
    pod.sleeps();
    let mut neighbour = pod.exec_probe(&["family", "name=neighbour"]);
    let neighbours = process(&pod, "neighbour").pid;
    let log = scratch().join("log");
    let stray = format!("name=stray orphan session takes=100 log={}", log.display());
    let mut guest = Command::new("nsenter")
        .args(["--target", &pod.pid().to_string(), "--pid", "--mount", text(init_path()), "--"])
        .args([text(probe_path()), "family", "name=guest leaves=42", &stray])
        .stdout(Stdio::null())
        .spawn()
        .expect("nsenter(1)");
    let (init, stray) = (process(&pod, "sexton-init"), process(&pod, "stray"));
    assert_eq!(stray.parent_inside, init.pid_inside, "it is adopted by its own init");
    signals::send(init.pid, libc::SIGTERM).expect("it is there");
    assert_eq!(guest.wait().expect("our child").code(), Some(42));
    let told = std::fs::read_to_string(&log).expect("the log");
    assert_eq!(told, "stray signal 15\nstray signal 18\nstray clean\n");
    eventually("pause and the neighbour are left", || pod.others().len() == 1);
    assert_eq!(pod.others()[0].pid, neighbours);
    // The pod's end, and everybody's with it.
    pod.send(libc::SIGTERM);
    assert_eq!(pod.end().code, 0);
    neighbour.wait().expect("our child");
}
