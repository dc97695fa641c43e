//! Every bound has a name, and stands here.

use crate::time::Span;

/// Bytes of one line of the log, its end of line included. A pipe takes up to 4,096 bytes as one
/// piece (pipe(7), `PIPE_BUF`), so that lines of ours never come torn.
pub const LINE_MAX: usize = 1024;

/// Bytes of a directory, a path, or words for a shell that an option names: paths cannot be longer
/// (`PATH_MAX`).
pub const TEXT_MAX: usize = 4096;

/// Bytes of the list of processes that needed KILL: more than the log shows of any word, so that a
/// list that was cut ends with the mark of it.
pub const ROLL_MAX: usize = 512;

/// Bytes of a line of `/etc/passwd`, and of a group without its members or one of these. A longer
/// one is no entry.
pub const ENTRY_MAX: usize = 1024;

/// Groups that a user may be in besides the primary one. Who is in more is refused: with some of
/// them left out it would be somebody else's guess which rights those give.
pub const GROUPS_MAX: usize = 256;

/// Steps from a process up to its ancestors when the init is not PID 1 and looks for its own.
/// Who is deeper down is found once those between have gone and it has been adopted.
pub const CLIMB_MAX: u32 = 64;

/// How long the rest of the container may take to end after the main command (design: the clean
/// stop). Docker and podman kill after 10 s from the *signal*; Kubernetes after 30 s.
pub const DRAIN_TIMEOUT: Span = Span::from_secs(10);

/// KILL is sent again after this time, to processes that were born while it was being sent. As
/// PID 1 one round is enough: `kill(-1)` and `fork` exclude each other in the kernel
/// (kernel/signal.c `kill_something_info`, kernel/fork.c `copy_process`).
pub const KILL_AGAIN: Span = Span::from_millis(50);

/// Who is not gone this long after KILL hangs in the kernel (state D) or is held by a tracer:
/// waiting longer would help nobody.
pub const KILL_PATIENCE: Span = Span::from_secs(2);

/// After a `wait4` that failed for no known reason, or a process that could not end: how long until
/// the next try.
pub const WAIT_AGAIN: Span = Span::from_millis(100);

/// After a `rt_sigtimedwait` that brought nothing: so little that no deadline suffers, and so much
/// that an endless row of failures costs no more than a few wake-ups.
pub const BREATH: Span = Span::from_millis(10);

const _: () = assert!(LINE_MAX <= 4096, "a longer line could come torn");
const _: () = assert!(KILL_AGAIN.as_millis() < KILL_PATIENCE.as_millis());
