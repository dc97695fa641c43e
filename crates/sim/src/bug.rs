//! Planted bugs: what some init has done wrong, or could. That the judges find every one of them
//! is what their silence about the real one is worth.

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// One wait4 for each wake-up, though one SIGCHLD may stand for many deaths.
    ReapsOneAtATime,
    /// The status of a killed command is read as an exit status, and is 0.
    LosesTheKilled,
    /// Whoever was reaped last passes for the main command.
    TakesAnOrphansStatus,
    /// Every fifth signal is taken and forgotten.
    LosesSignals,
    /// Signals come without their values.
    ForgetsValues,
    /// What the log brought about is forwarded.
    HearsItsOwnEcho,
    /// What the terminal told the command is told again.
    RepeatsTheTerminal,
    /// The reaped main command's number is used.
    SpeaksToTheDead,
    /// A signal for one goes to its whole group.
    TellsStrangers,
    /// Not the first process, and yet `kill(-1)`.
    TellsTheHost,
    /// TERM is sent twice.
    TellsTwice,
    /// Who was told with the group cannot be told apart.
    ForgetsWhoWasTold,
    /// The rest is not told to end.
    SkipsTheDrain,
    /// No CONT is sent.
    ForgetsToRouse,
    /// Its clock is fast.
    KillsEarly,
    /// It sleeps through its deadline.
    Oversleeps,
    /// It ends with the main command.
    LeavesEarly,
    /// It sleeps on when nobody is left.
    SleepsChildless,
    /// It does not sleep at all.
    Spins,
    /// It waits for somebody to read its log.
    BlocksInItsLog,
    /// Whatever a startup file ends with is well.
    GoesOnAfterAFailure,
    /// There are no stop hooks.
    ForgetsTheHooks,
    /// The stop hooks run before the main command.
    RunsHooksFirst,
    /// The supervisor of services passes for an orphan.
    LosesTheServices,
    /// The one that took too long does not get KILL.
    SparesTheSlow,
    /// Everybody gets KILL for the one that took too long.
    KillsAllForOne,
}

/// All of them.
pub const BUGS: [Bug; 26] = [
    Bug::ReapsOneAtATime,
    Bug::LosesTheKilled,
    Bug::TakesAnOrphansStatus,
    Bug::LosesSignals,
    Bug::ForgetsValues,
    Bug::HearsItsOwnEcho,
    Bug::RepeatsTheTerminal,
    Bug::SpeaksToTheDead,
    Bug::TellsStrangers,
    Bug::TellsTheHost,
    Bug::TellsTwice,
    Bug::ForgetsWhoWasTold,
    Bug::SkipsTheDrain,
    Bug::ForgetsToRouse,
    Bug::KillsEarly,
    Bug::Oversleeps,
    Bug::LeavesEarly,
    Bug::SleepsChildless,
    Bug::Spins,
    Bug::BlocksInItsLog,
    Bug::GoesOnAfterAFailure,
    Bug::ForgetsTheHooks,
    Bug::RunsHooksFirst,
    Bug::LosesTheServices,
    Bug::SparesTheSlow,
    Bug::KillsAllForOne,
];
