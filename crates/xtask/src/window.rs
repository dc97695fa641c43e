//! `cargo xtask window [TRIES] [--within US]`: stop signals lost in the first moments of PID 1.
//! TERM is sent at a moment between 0 and US µs after exec; who does not end on it has lost it,
//! and would be killed by the runtime ten seconds later.

use crate::inits;
use crate::tools::{self, Failure, Result};
use sexton_pidns::{Pid1, Proc, Running, SIGTERM, Stream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Who ends on the signal has ended by then, mostly. Waiting so long keeps the tries apart: the
/// next one begins on a machine that this one does not keep busy.
const SETTLING: Duration = Duration::from_millis(20);

/// Who has not ended by then never will: the command ends on TERM at once. Those are watched while
/// the next tries are made, as they sleep and disturb nobody.
const PATIENCE: Duration = Duration::from_secs(3);

/// How many times less than the best peer ours may lose.
const TIMES_LESS: usize = 10;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    tries: u32,
    /// How late after exec the signal comes at most.
    within: Duration,
}

impl Options {
    fn parse(mut args: lexopt::Parser) -> Result<Options> {
        use lexopt::{Arg, ValueExt};
        let mut options = Options { tries: 2000, within: Duration::from_micros(2000) };
        while let Some(arg) = args.next()? {
            match arg {
                Arg::Long("within") => {
                    options.within = Duration::from_micros(args.value()?.parse()?);
                }
                Arg::Value(tries) => options.tries = tries.parse()?,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }

    /// Spread evenly, in an order that looks random: 0.618… of a turn each time.
    fn moment(&self, number: u32) -> Duration {
        self.within.mul_f64((f64::from(number) * 0.618_033_988_75).fract())
    }
}

/// One init, and how long after exec the signals were sent that it lost.
struct Subject {
    name: &'static str,
    path: PathBuf,
    lost: Vec<Duration>,
}

/// So many tries for each init, in turns. Fails if ours loses more than it may.
pub fn run(args: lexopt::Parser) -> Result {
    let options = Options::parse(args)?;
    sexton_pidns::access().map_err(Failure::usage)?;
    let folder = tempfile::tempdir().map_err(Failure::new)?;
    let mut subjects = vec![Subject::new("sexton-init", inits::ours()?)];
    let (peers, missing) = inits::peers();
    subjects.extend(peers.into_iter().map(|(name, path)| Subject::new(name, path)));
    let tiny = inits::compile_tiny(folder.path())?;
    // Else a sleep may last 50 µs longer than it should (prctl(2), PR_SET_TIMERSLACK).
    rustix::thread::set_current_timer_slack(std::num::NonZero::new(1)).map_err(Failure::new)?;

    let Options { tries, within } = options;
    let late =
        tools::timed(&format!("{tries} tries for each of {} inits", subjects.len()), || {
            try_all(&mut subjects, &tiny, &options)
        })?;
    let within = within.as_micros();
    println!("TERM 0 to {within} µs after exec as PID 1, {tries} tries each");
    for Subject { name, lost, .. } in &subjects {
        let last = lost.iter().max().map(Duration::as_micros);
        let last = last.map_or_else(String::new, |last| format!(", the last sent after {last} µs"));
        println!("  {name:12} lost {:5}{last}", lost.len());
    }
    println!("sent {} µs later than meant, in the median", late.as_micros());
    if !missing.is_empty() {
        println!("not installed: {}", missing.join(", "));
    }
    let losses: Vec<usize> = subjects.iter().map(|subject| subject.lost.len()).collect();
    verdict(losses[0], &losses[1..])
}

/// Ours against the best of the others.
fn verdict(ours: usize, peers: &[usize]) -> Result {
    let Some(best) = peers.iter().min() else {
        println!("no peer is installed: nothing to compare with");
        return Ok(());
    };
    let words =
        format!("{ours} against the best peer's {best}, of which 1/{TIMES_LESS} is allowed");
    match ours * TIMES_LESS <= *best {
        true => {
            println!("pass: {words}");
            Ok(())
        }
        false => Err(Failure::new(format_args!("window: FAIL: {words}"))),
    }
}

impl Subject {
    fn new(name: &'static str, path: PathBuf) -> Subject {
        Subject { name, path, lost: Vec::new() }
    }
}

/// A try whose init had not ended soon.
struct Doubtful {
    whose: usize,
    run: Running,
    sent: Duration,
    until: Instant,
}

/// Fills in what was lost, and says how much later than meant the signals were sent.
fn try_all(subjects: &mut [Subject], tiny: &Path, options: &Options) -> Result<Duration> {
    let mut doubtful = Vec::new();
    let mut late = Vec::new();
    for number in 0..options.tries {
        for whose in 0..subjects.len() {
            let mut run = start(&subjects[whose].path, tiny)?;
            let started = Instant::now();
            // Not a busy loop: it would keep the new process off the processor both are on.
            std::thread::sleep(options.moment(number));
            let sent = started.elapsed();
            run.signal(SIGTERM).map_err(Failure::new)?;
            late.push(sent - options.moment(number));
            if run.wait_within(SETTLING).map_err(Failure::new)?.is_none() {
                let until = Instant::now() + PATIENCE;
                doubtful.push(Doubtful { whose, run, sent, until });
            }
            settle(&mut doubtful, subjects)?;
        }
    }
    while !doubtful.is_empty() {
        std::thread::sleep(SETTLING);
        settle(&mut doubtful, subjects)?;
    }
    late.sort_unstable();
    Ok(late.get(late.len() / 2).copied().unwrap_or_default())
}

/// Takes out of the list who has ended after all, and who has lost the signal.
fn settle(doubtful: &mut Vec<Doubtful>, subjects: &mut [Subject]) -> Result {
    let mut at = 0;
    while at < doubtful.len() {
        let one = &mut doubtful[at];
        let ended = one.run.try_wait().map_err(Failure::new)?.is_some();
        let lost = !ended && Instant::now() >= one.until;
        if lost {
            subjects[one.whose].lost.push(one.sent);
        }
        match ended || lost {
            true => drop(doubtful.swap_remove(at)),
            false => at += 1,
        }
    }
    Ok(())
}

fn start(init: &Path, tiny: &Path) -> Result<Running> {
    let pid1 = Pid1::new(init).arg("--").arg(tiny).arg("sleep").proc(Proc::Callers);
    let pid1 = pid1.stdin(Stream::Null).stdout(Stream::Null).stderr(Stream::Null);
    // cargo's search path for libraries would have the dynamic ones look in more places.
    let pid1 = pid1.env_remove("LD_LIBRARY_PATH");
    pid1.spawn().map_err(|error| Failure::new(format_args!("{}: {error}", init.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Options> {
        Options::parse(lexopt::Parser::from_args(args))
    }

    #[test]
    fn the_tries_and_the_range_are_the_callers_choice() {
        let whole = Options { tries: 2000, within: Duration::from_millis(2) };
        assert_eq!(parse(&[]).unwrap(), whole);
        let half = Options { tries: 50, within: Duration::from_millis(1) };
        assert_eq!(parse(&["--within", "1000", "50"]).unwrap(), half);
        assert!(parse(&["many"]).is_err());
        assert!(parse(&["--within"]).is_err());
    }

    #[test]
    fn every_tenth_of_the_range_gets_its_tenth_of_the_signals() {
        let options = parse(&["1000"]).unwrap();
        let mut tenths = [0; 10];
        for number in 0..options.tries {
            tenths[(options.moment(number).as_micros() / 200) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (95..=105).contains(count)), "{tenths:?}");
    }

    #[test]
    fn a_tenth_of_the_best_peers_losses_is_allowed_and_no_more() {
        assert!(verdict(3, &[90, 30]).is_ok());
        assert!(verdict(4, &[90, 39]).is_err());
        assert!(verdict(0, &[0]).is_ok());
        assert!(verdict(1, &[0]).is_err());
        assert!(verdict(1, &[]).is_ok());
    }
}
