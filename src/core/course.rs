//! What is run besides the main command: the stages of a run, in their order.
//!
//! Which of them there are is in a [`Course`]; what follows from their ends is decided by the
//! [`supervisor`](crate::supervisor). Without a course a run has two stages: the main command and
//! the drain.

/// A stage of a run, in the order in which they are gone through. Those of a directory run one
/// program after another; the others run one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// Before everything else: one program.
    Prologue,
    /// The startup files: a directory.
    Startup,
    /// The last of them: one program, if it is there.
    Local,
    /// The supervisor of services is started, by the shell. It stays.
    Services,
    /// The main command; without one the services are what is waited for.
    Main,
    /// The stop hooks: a directory.
    StopHooks,
    /// The services are stopped, by the shell: their supervisor knows how.
    StopServices,
    /// The supervisor of services itself is told to end.
    EndServices,
    /// The services are waited for, by the shell.
    AwaitServices,
    /// The last hooks, when the services have ended: a directory.
    LastHooks,
}

/// How many.
pub const STAGES: usize = Stage::LastHooks as usize + 1;

/// How an environment store is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreUse {
    /// Its variables are added to those that were given to us, which win; again after each startup
    /// file. Nothing is written.
    #[default]
    Added,
    /// From the first startup file on its variables are all there are. At the start all others are
    /// written into it, and each time all of them are written beside it.
    Everything,
}

/// What is run in each stage: a directory, a file, or the words of a shell; empty: nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Course<'a> {
    /// In the order of [`Stage`]; of the main command and the end of the services nothing.
    pub texts: [&'a [u8]; STAGES],
    /// The environment store: a directory with a file for each variable.
    pub store: &'a [u8],
    /// How it is used.
    pub store_use: StoreUse,
    /// What the supervisor of services is called in the log.
    pub services: &'a [u8],
    /// For how many seconds it and its services may take to end; the shell finds it as `$1`.
    pub seconds: u32,
}

impl<'a> Course<'a> {
    /// Nothing but the main command.
    pub const EMPTY: Course<'static> = Course {
        texts: [b""; STAGES],
        store: b"",
        store_use: StoreUse::Added,
        services: b"",
        seconds: 0,
    };

    /// What is run in this stage.
    pub fn text(&self, stage: Stage) -> &'a [u8] {
        self.texts.get(stage as usize).copied().unwrap_or_default()
    }

    /// Whether there is nothing but the main command.
    pub fn is_empty(&self) -> bool {
        *self == Course::EMPTY
    }
}
