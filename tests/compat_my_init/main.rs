//! my_init of Baseimage-docker, asked what it does, and ours under its name, also with
//! `SEXTON_STRICT=1`.
//!
//! Nobody packages the original: `SEXTON_ORIGINAL_MY_INIT` names the Python program, and then it is
//! asked as well. With `MY_INIT_UNDER_TEST` only the program that it names is.

mod command_line;
mod images;
mod mended;
mod not_first;
mod real_runit;
mod services;
mod shutdown;
mod startup;
mod store;
mod surroundings;
mod terminal;

use sexton_testkit::{Door, Exam, Image, Run, Whose};

const KILLING: &str = "*** Killing all processes...";

/// Asks all at once.
#[track_caller]
fn by_all(ask: impl Fn(&Exam) + Sync) {
    if !Image::possible() {
        return;
    }
    let ours = || Door::MyInit.ours();
    let sitters = match std::env::var_os("MY_INIT_UNDER_TEST") {
        Some(_) => vec![Door::MyInit.under_test()],
        None => Vec::from_iter([ours(), ours().strictly()].into_iter().chain(original())),
    };
    let at = std::panic::Location::caller();
    std::thread::scope(|scope| {
        for exam in &sitters {
            let ask = &ask;
            // A failure names its thread.
            let name = format!("{:?} at {}:{}", exam.whose(), at.file(), at.line());
            let asked = std::thread::Builder::new().name(name);
            asked.spawn_scoped(scope, move || ask(exam)).expect("a thread");
        }
    });
}

/// The original, where it is named.
fn original() -> Option<Exam> {
    Door::MyInit.original()
}

/// How a run went: the exit status, and what the init and its children said, in one order and with
/// `N` for each PID that the init names.
#[derive(Debug)]
struct Story {
    code: i32,
    lines: Vec<String>,
}

/// With these options and this command behind `--`.
fn start(exam: &Exam, image: &mut Image, options: &[&str], command: &[&str]) -> Run {
    exam.inside(image).options(options).command(command).spawn()
}

/// The same to its end.
#[track_caller]
fn run(exam: &Exam, image: &mut Image, options: &[&str], command: &[&str]) -> Story {
    Story::of(&mut start(exam, image, options, command))
}

/// A line of its children has come.
#[track_caller]
fn until(run: &mut Run, said: &str) {
    run.stdout().until(said, |line| line == said);
}

impl Story {
    /// From its beginning to its end, which is waited for.
    #[track_caller]
    fn of(run: &mut Run) -> Story {
        let code = run.end().code;
        // A shell that is waited for by nobody may say how its own child ended.
        let said = run.stdout_so_far().iter().filter(|line| *line != "Terminated");
        Story { code, lines: said.map(|line| without_pids(line)).collect() }
    }

    /// This status, and these lines and no other.
    #[track_caller]
    fn is(&self, code: i32, lines: &[&str]) {
        assert_eq!(self.code, code, "{self:#?}");
        assert_eq!(self.lines, lines);
    }

    /// The same but for lines, each said once, that have such words in them.
    #[track_caller]
    fn is_with(&self, code: i32, lines: &[&str], more: &[&str]) {
        let mut rest = self.lines.clone();
        for words in more {
            let found = rest.iter().position(|line| line.contains(words));
            let found = found.unwrap_or_else(|| panic!("no {words:?} in {self:#?}"));
            assert!(rest[found].starts_with("*** "), "{self:#?}");
            rest.remove(found);
        }
        Story { code: self.code, lines: rest }.is(code, lines);
    }

    /// What the init itself has said, without a traceback of Python.
    fn own(&self) -> Vec<&str> {
        let own = self.lines.iter().map(String::as_str);
        own.filter(|line| line.starts_with("*** ")).collect()
    }

    /// What its children have said.
    fn others(&self) -> Vec<&str> {
        let others = self.lines.iter().map(String::as_str);
        others.filter(|line| line.starts_with("# ")).collect()
    }
}

/// `(PID 12)` and `as PID 12` of its own lines.
fn without_pids(line: &str) -> String {
    for before in ["(PID ", "as PID "] {
        if let Some((start, end)) = line.split_once(before)
            && line.starts_with("*** ")
        {
            let end = end.trim_start_matches(|digit: char| digit.is_ascii_digit());
            return format!("{start}{before}N{end}");
        }
    }
    line.to_owned()
}

/// Whether it is the original that is asked.
fn is_original(exam: &Exam) -> bool {
    exam.whose() == Whose::Original
}
