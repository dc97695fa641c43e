//! Which call may fail with what, where in the life of a container it is made, and what has to come
//! of it. The errors are those of the man pages; EPERM and ENOSYS, which a seccomp profile or an
//! old kernel says to any call, are tried on every row.

use crate::scenario::Phase::{self, Drain, Forward, Reap, Rest, Start};
use sexton_testkit::faults::Caller::{self, Child, Init};
use sexton_testkit::libc::*;

/// How the init is started, as not every call is made in every life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// As PID 1, without an option.
    Plain,
    /// With all that there is to say.
    Verbose,
    /// The same, and there is no `/proc` to open the log by.
    VerboseWithoutProc,
    /// With `--group`: the drain looks who has been told.
    ByGroup,
    /// Not as PID 1, with `--parent-death`.
    NoInit,
    /// With a terminal to be given away.
    OnTerminal,
    /// With variables in a directory, and a program to run before the command.
    Staged,
    /// With `--user`, of a number that no entry has.
    AsUser,
}

impl Setting {
    pub const ALL: [Setting; 8] = [
        Setting::Plain,
        Setting::Verbose,
        Setting::VerboseWithoutProc,
        Setting::ByGroup,
        Setting::NoInit,
        Setting::OnTerminal,
        Setting::Staged,
        Setting::AsUser,
    ];

    /// Whether it takes root.
    pub fn needs_root(self) -> bool {
        self == Setting::AsUser
    }
}

/// What comes of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The exit status.
    pub code: i32,
    /// Where the fault lets the life go on to.
    pub way: Way,
    /// What stands in the log.
    pub line: &'static str,
}

/// How a life goes on after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As if nothing had happened: signals are heard, orphans reaped, the slow one is given time.
    On,
    /// The command was never started.
    NoStart,
    /// The command does not hear, and is ended by another; all else goes on.
    Deaf,
    /// Nobody can be told, neither the command nor the rest: the deadline of the drain ends it.
    Mute,
    /// The rest cannot be told, and the deadline of the drain ends it.
    Undrained,
    /// Nobody can be reaped: the deadline of the stop ends it.
    Unreaped,
    /// The orphans are not ours.
    NotAdopted,
    /// It ends at once.
    Lost,
}

/// The command's own status.
const CODE: i32 = 42;

const FINE: Expected = Expected { code: CODE, way: Way::On, line: "" };

const fn says(line: &'static str) -> Expected {
    Expected { line, ..FINE }
}

const fn no_start(code: i32, line: &'static str) -> Expected {
    Expected { code, way: Way::NoStart, line }
}

const fn goes(way: Way, line: &'static str) -> Expected {
    Expected { code: CODE, way, line }
}

/// The main command's status is out of reach; 137 is what a runtime would have made of it.
const UNREAPED: Expected = Expected { code: 137, way: Way::Unreaped, line: "" };

const LEFT_OUT: Expected = says("unable to read");
const NO_BLOCK: Expected = no_start(125, "unable to block signals");
const NO_CHLD: Expected = no_start(125, "unable to stop ignoring SIGCHLD");
const NO_PROCESS: Expected = no_start(125, "unable to make a process");
const NO_EXEC: Expected = no_start(126, "exec ");
const NOT_FOUND: Expected = no_start(127, "exec ");
const UNREAD: Expected = no_start(125, "unable to read /etc/");
const NOT_HE: Expected = no_start(125, "unable to become the user");
const NO_CHILD: Expected = Expected { code: 125, way: Way::Lost, line: "lost" };
const DEAF: Expected = goes(Way::Deaf, "");
const UNSENT: Expected = goes(Way::Deaf, "unable to send");
const MUTE: Expected = goes(Way::Mute, "unable to send");
const NO_PROC: Expected = goes(Way::Undrained, "no /proc");

/// A call of somebody, in these phases, with these errors: what comes of one that fails, and of all
/// that fail from then on.
pub struct Row {
    pub call: c_long,
    pub caller: Caller,
    pub setting: Setting,
    pub phases: &'static [Phase],
    pub errnos: &'static [i32],
    pub once: Expected,
    pub always: Expected,
}

impl Row {
    /// Whether what fails for ever lasts until the init gives up on those whom KILL does not end,
    /// some seconds. One error then stands for all.
    pub fn takes_long(&self) -> bool {
        self.always.way == Way::Unreaped
    }

    /// Whether what a filter says leads to what this row says: some errors have a meaning of their
    /// own.
    pub fn is_refused(&self) -> bool {
        !matches!(self.errnos, [ECHILD] | [ESRCH] | [ENOENT, ENOTDIR])
    }
}

/// What seccomp profiles and old kernels say to any call.
pub const REFUSALS: [i32; 2] = [EPERM, ENOSYS];

/// Calls that no row can be made for, and why.
pub const UNREACHED: [(c_long, &str); 3] = [
    (SYS_exit, "made when exit_group(2) is refused, in the row of which it is"),
    (SYS_geteuid, "made when setgroups(2) is refused, in the row of which it is"),
    (SYS_tkill, "made when the parent dies between two getppid(2); nobody looks at its result"),
];

const ANY: &[Phase] = &[Start, Rest, Forward, Reap, Drain];
const RUNS: &[Phase] = &[Rest, Forward, Reap, Drain];

macro_rules! rows {
    ($($call:ident $caller:ident $setting:ident $phases:expr, $errnos:expr, $once:expr,
        $always:expr;)*) => {
        &[$(Row {
            call: $call,
            caller: $caller,
            setting: Setting::$setting,
            phases: $phases,
            errnos: &$errnos,
            once: $once,
            always: $always,
        }),*]
    };
}

#[rustfmt::skip]
pub const TABLE: &[Row] = rows! {
    // The start. Without a mask the first TERM would be lost, so that is worth a second try.
    SYS_rt_sigprocmask Init Plain &[Start], [EFAULT, EINVAL, EINTR, EAGAIN, ENOMEM], FINE, NO_BLOCK;
    SYS_rt_sigaction Init Plain &[Start], [EFAULT, EINVAL], NO_CHLD, NO_CHLD;
    SYS_openat Init Plain &[Start],
        [ENXIO, ENOENT, EACCES, EMFILE, ENFILE, EINTR, EIO, ENODEV, ENOMEM], FINE, FINE;
    SYS_clone Init Plain &[Start], [EAGAIN, ENOMEM, EINVAL, ENOSPC, EUSERS], NO_PROCESS, NO_PROCESS;
    SYS_chdir Init Plain &[Start], [EACCES, ENOENT, EIO, ELOOP, ENOMEM, ENOTDIR], FINE, FINE;
    SYS_close_range Init Plain &[Start], [EINVAL, EMFILE, ENOMEM], FINE, FINE;
    SYS_close Init Plain &[Start], [EBADF, EINTR, EIO, ENOSPC, EDQUOT], FINE, FINE;
    SYS_madvise Init Plain &[Start], [EAGAIN, EBADF, EINVAL, EIO, ENOMEM], FINE, FINE;
    // It cannot fail; whose filter says so has an init that takes itself for an ordinary process.
    SYS_getpid Init Plain &[Start], [], NO_PROC, NO_PROC;
    SYS_getppid Init NoInit &[Start], [], FINE, FINE;
    SYS_getpgid Init OnTerminal &[Start], [ESRCH], FINE, FINE;
    SYS_getsid Init OnTerminal &[Start], [ESRCH], FINE, FINE;
    SYS_ioctl Init OnTerminal &[Start], [EBADF, EINVAL, ENOTTY, EIO, ENXIO], FINE, FINE;
    SYS_prctl Init NoInit &[Start],
        [EINVAL], says("unable to watch"), goes(Way::NotAdopted, "subreaper");

    // What comes before the command. What cannot be read is left out, and it is said.
    SYS_mmap Init Staged &[Start], [EAGAIN, ENOMEM], LEFT_OUT, LEFT_OUT;
    SYS_munmap Init Staged &[Start], [EINVAL, ENOMEM], FINE, FINE;
    SYS_madvise Init Staged &[Drain], [EAGAIN, EBADF, EINVAL, EIO, ENOMEM], FINE, FINE;
    SYS_newfstatat Init Staged &[Start],
        [EACCES, EIO, ELOOP, ENOENT, ENOMEM, ENOTDIR, EOVERFLOW], LEFT_OUT, LEFT_OUT;
    SYS_faccessat Init Staged &[Start], [EACCES, EIO, ELOOP, ENOMEM, ETXTBSY], FINE, FINE;
    SYS_getdents64 Init Staged &[Start], [EINVAL, EIO, ENOTDIR], LEFT_OUT, LEFT_OUT;
    SYS_read Init Staged &[Start], [EAGAIN, EINTR, EIO, EISDIR, ENOMEM], LEFT_OUT, LEFT_OUT;
    SYS_openat Init Staged &[Start], [EACCES, EMFILE, ENFILE, EIO, ENOMEM], FINE, LEFT_OUT;

    // The user of the command: nobody is run as somebody else, or in groups that are not his.
    SYS_openat Init AsUser &[Start],
        [EACCES, EMFILE, ENFILE, EIO, ELOOP, ENOMEM, ENOTDIR], UNREAD, UNREAD;
    SYS_read Init AsUser &[Start], [EAGAIN, EINTR, EINVAL, EIO, EISDIR, ENOMEM], UNREAD, UNREAD;
    // It cannot fail; whose filter says so is taken to be in root's.
    SYS_getegid Init AsUser &[Start], [], FINE, FINE;
    SYS_setgroups Child AsUser &[Start], [EFAULT, EINVAL, ENOMEM], NOT_HE, NOT_HE;
    SYS_setresgid Child AsUser &[Start], [EINVAL, EAGAIN, ENOMEM], NOT_HE, NOT_HE;
    SYS_setresuid Child AsUser &[Start], [EINVAL, EAGAIN, ENOMEM], NOT_HE, NOT_HE;

    // The child, up to its exec.
    SYS_setpgid Child Plain &[Start], [EACCES, EINVAL, ESRCH], says("its place"), says("its place");
    SYS_setsid Child OnTerminal &[Start], [], says("its place"), says("its place");
    SYS_ioctl Child OnTerminal &[Start],
        [EBADF, EINVAL, ENOTTY, EIO, ENXIO], says("its place"), says("its place");
    SYS_rt_sigaction Child Plain &[Start], [EFAULT, EINVAL], FINE, FINE;
    SYS_rt_sigprocmask Child Plain &[Start], [EFAULT, EINVAL], FINE, FINE;
    SYS_execve Child Plain &[Start], [ENOENT, ENOTDIR], NOT_FOUND, NOT_FOUND;
    SYS_execve Child Plain &[Start],
        [E2BIG, EACCES, EAGAIN, EFAULT, EINVAL, EIO, EISDIR, ELIBBAD, ELOOP, EMFILE, ENAMETOOLONG,
        ENFILE, ENOEXEC, ENOMEM, ETXTBSY, ENODEV, ESTALE, ETIMEDOUT], NO_EXEC, NO_EXEC;

    // The loop.
    SYS_rt_sigtimedwait Init Plain &[Start, Rest, Forward, Reap],
        [EAGAIN, EINTR, EINVAL, EFAULT, ENOMEM], FINE, DEAF;
    SYS_rt_sigtimedwait Init Plain &[Drain], [EAGAIN, EINTR, EINVAL, EFAULT, ENOMEM], FINE, FINE;
    SYS_wait4 Init Plain RUNS, [EINTR, EAGAIN, ENOMEM, EINVAL, EFAULT, ESRCH], FINE, UNREAPED;
    SYS_wait4 Init Plain RUNS, [ECHILD], NO_CHILD, NO_CHILD;
    // Of the terminal's three cases the cautious one.
    SYS_wait4 Init OnTerminal &[Start], [EINTR], FINE, UNREAPED;
    SYS_clock_gettime Init Plain ANY, [EFAULT, EINVAL], FINE, FINE;
    SYS_exit_group Init Plain &[Drain], [], FINE, FINE;

    // Telling others.
    SYS_rt_sigqueueinfo Init Plain &[Forward], [EAGAIN, EINVAL, ESRCH, EFAULT], FINE, FINE;
    SYS_kill Init Plain &[Drain], [EINVAL], UNSENT, MUTE;
    SYS_kill Init Plain &[Drain], [ESRCH], DEAF, goes(Way::Mute, "");
    SYS_kill Init ByGroup &[Forward, Drain], [EINVAL], UNSENT, MUTE;
    // The group is not there, but the command is.
    SYS_kill Init ByGroup &[Forward, Drain], [ESRCH], FINE, goes(Way::Mute, "");
    SYS_openat Init ByGroup &[Drain], [ENOENT, EACCES, EMFILE, ENFILE, ENOMEM, EINTR], FINE, FINE;
    SYS_read Init ByGroup &[Drain], [EAGAIN, EINTR, EINVAL, EIO, EISDIR, ENOMEM, ESRCH], FINE, FINE;
    SYS_getdents64 Init ByGroup &[Drain],
        [EBADF, EFAULT, EINVAL, EINTR, ENOENT, ENOMEM, ENOTDIR], FINE, FINE;
    SYS_close Init ByGroup &[Drain], [EBADF, EINTR, EIO], FINE, FINE;
    SYS_openat Init NoInit &[Drain],
        [ENOENT, EACCES, EMFILE, ENFILE, ENOMEM, EINTR], NO_PROC, NO_PROC;
    SYS_read Init NoInit &[Drain], [EAGAIN, EINTR, EIO, ENOMEM], NO_PROC, NO_PROC;
    SYS_getdents64 Init NoInit &[Drain], [EINVAL, EINTR, ENOMEM], NO_PROC, NO_PROC;

    // The log: a line may get lost, nothing else.
    SYS_sendto Init Verbose ANY,
        [ENOTSOCK, EAGAIN, EBADF, ECONNRESET, EINTR, EINVAL, ENOBUFS, ENOMEM, ENOTCONN, EPIPE,
        EACCES], FINE, FINE;
    SYS_lseek Init Verbose ANY, [EBADF, EINVAL, ESPIPE, EOVERFLOW], FINE, FINE;
    SYS_openat Init Verbose ANY,
        [ENXIO, ENOENT, EACCES, EMFILE, ENFILE, EINTR, ENOMEM, ELOOP], FINE, FINE;
    SYS_write Init Verbose ANY,
        [EAGAIN, EBADF, EDQUOT, EFBIG, EINTR, EINVAL, EIO, ENOSPC, EPIPE], FINE, FINE;
    SYS_close Init Verbose ANY, [EBADF, EINTR, EIO], FINE, FINE;
    SYS_ppoll Init VerboseWithoutProc ANY, [EFAULT, EINTR, EINVAL, ENOMEM], FINE, FINE;
};
