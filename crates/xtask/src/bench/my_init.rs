//! `my_init --skip-runit -- true`, ours and the original, which is a Python program: how long it
//! takes from the clone to the end, and how much memory ours needs while a command runs.
//!
//! Both read and write a store of 20 variables, in an `/etc` that is mounted for a thread of ours
//! alone.

use super::fair::{Pinned, Shuffle};
use super::startup::Launch;
use super::{Kind, Subject, median, rest};
use crate::tools::{self, Failure, Result};
use sexton_pidns::{Access, Pid1, Stream};
use sexton_testkit::Image;
use std::path::{Path, PathBuf};
use std::process::Command;

const VARIABLES: usize = 20;
const OPTIONS: [&str; 3] = ["--skip-runit", "--quiet", "--"];

/// What was measured.
#[derive(Default)]
pub struct MyInit {
    /// In µs, the median of all rounds.
    pub ours_us: Option<f64>,
    /// The same of the original.
    pub theirs_us: Option<f64>,
    /// RSS of ours in KiB, the median of the starts.
    pub rss: Option<f64>,
    /// Why there is no number, or not each.
    pub missing: Option<String>,
}

/// Measures what can be measured here; `link` is ours by that name.
pub fn measure(link: &Path, tiny: &Path, rounds: usize, starts: usize) -> Result<MyInit> {
    if sexton_pidns::access().map_err(Failure::usage)? != Access::Root {
        let missing = Some("my_init: an /etc of its own takes root".to_owned());
        return Ok(MyInit { missing, ..MyInit::default() });
    }
    let (original, missing) = match original() {
        Ok(path) => (Some(path), None),
        Err(words) => (None, Some(words)),
    };
    let thread = std::thread::scope(|scope| {
        scope.spawn(|| in_its_own_etc(link, original.as_deref(), tiny, rounds, starts)).join()
    });
    let measured = thread.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(MyInit { missing, ..measured })
}

/// The original, or why it cannot be asked.
fn original() -> std::result::Result<PathBuf, String> {
    let named = std::env::var_os("SEXTON_ORIGINAL_MY_INIT").map(PathBuf::from);
    let path = named.unwrap_or_else(|| "/sbin/my_init".into());
    let text = std::fs::read(&path).map_err(|error| {
        format!("my_init: {}: {error}; SEXTON_ORIGINAL_MY_INIT names it", path.display())
    })?;
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(&line[..line.len().min(100)]).into_owned();
    match line.strip_prefix("#!").and_then(|words| words.split_whitespace().next()) {
        Some(python) if line.contains("python") && Path::new(python).exists() => Ok(path),
        _ => Err(format!("my_init: {}: no Python program that could be run", path.display())),
    }
}

/// On a thread that nothing else runs on afterwards.
fn in_its_own_etc(
    link: &Path,
    original: Option<&Path>,
    tiny: &Path,
    rounds: usize,
    starts: usize,
) -> Result<MyInit> {
    let image = Image::new();
    for number in 0..VARIABLES {
        image.store(format!("VARIABLE_{number:02}"), format!("the value of number {number}\n"));
    }
    // SAFETY: takes a number. What this thread shared with others is its alone from here on.
    if unsafe { libc::unshare(libc::CLONE_FS | libc::CLONE_NEWNS) } != 0 {
        return Err(Failure::new(std::io::Error::last_os_error()));
    }
    let mount = |words: &[&str]| tools::output(Command::new("mount").args(words)).map(drop);
    mount(&["--make-rprivate", "/"])?;
    mount(&["--bind", &image.path("etc").display().to_string(), "/etc"])?;
    let rss = memory(link, tiny, starts)?;
    let (ours, theirs) = times(link, original, tiny, rounds)?;
    Ok(MyInit { ours_us: Some(ours), theirs_us: theirs, rss: Some(rss), missing: None })
}

/// In KiB, while a command runs.
fn memory(link: &Path, tiny: &Path, starts: usize) -> Result<f64> {
    let subject = Subject::new("my_init", Kind::Door, link.to_owned())?;
    let mut samples = Vec::new();
    for _ in 0..starts {
        let pid1 = Pid1::new(link).args(OPTIONS).arg(tiny).arg("sleep").env_clear();
        let pid1 = pid1.stdin(Stream::Null).stdout(Stream::Null);
        let init = rest::start(pid1, &subject)?;
        rest::settle(&init, &subject, &["tiny"])?;
        samples.push(rest::field(&init, "smaps_rollup", "Rss:")?);
    }
    Ok(median(samples))
}

/// In µs, from the clone to the end: of ours, and of the original.
fn times(
    link: &Path,
    original: Option<&Path>,
    tiny: &Path,
    rounds: usize,
) -> Result<(f64, Option<f64>)> {
    let launch = |path: &Path| {
        let mut words: Vec<&Path> = vec![path];
        words.extend(OPTIONS.iter().map(Path::new));
        words.push(tiny);
        Launch::new(&words)
    };
    let launches: Vec<Launch> = [Some(link), original].into_iter().flatten().map(launch).collect();
    let _pinned = Pinned::to_one_cpu()?;
    let mut stack = vec![0u128; 4096];
    let mut times = vec![Vec::with_capacity(rounds); launches.len()];
    let mut shuffle = Shuffle::new();
    let mut order: Vec<usize> = (0..launches.len()).collect();
    for round in 0..3 + rounds {
        shuffle.shuffle(&mut order);
        for &which in &order {
            let time = launches[which].time_us(libc::CLONE_NEWPID, &mut stack);
            let time = time.map_err(Failure::new)?;
            // Before the caches are warm.
            if round >= 3 {
                times[which].push(time);
            }
        }
    }
    let theirs = (times.len() > 1).then(|| median(times.pop().unwrap_or_default()));
    Ok((median(times.remove(0)), theirs))
}
