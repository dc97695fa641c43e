//! Where ours is not like my_init.

use super::{Deviation, Strict};
use crate::Door;

const MY_INIT: &[Door] = &[Door::MyInit];

/// All of them.
pub(super) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        doors: MY_INIT,
        name: "killed",
        theirs: "a command, a startup file or runit that is killed by a signal ends with 0, and \
                 is said to",
        ours: "128+n: 137 for KILL, also in the message",
        why: "a migration that ran out of memory has not succeeded",
        strict: Strict::Theirs,
    },
    Deviation {
        doors: MY_INIT,
        name: "exec-reason",
        theirs: "that something could not be run is told by the status 127 alone",
        ours: "a line more gives the reason; the status is 127 as well",
        why: "\"127\" sends people looking for a program that is there",
        strict: Strict::Theirs,
    },
    Deviation {
        doors: MY_INIT,
        name: "empty-command",
        theirs: "an empty word as the command ends it with a traceback and 1",
        ours: "there is no such program: 127, and the reason is said",
        why: "it is a variable that was not set, and that should be seen",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "everyone",
        theirs: "where it is not PID 1 it still signals everybody that it may, those outside of \
                 the container as well, and adopts nobody",
        ours: "it becomes a subreaper, tells its own descendants only, and says that it is not \
               PID 1",
        why: "with `--pid=host` everybody is the whole host",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "locale",
        theirs: "without a locale in the environment LC_CTYPE=C.UTF-8 appears in it, and in the \
                 store",
        ours: "nothing is invented",
        why: "that is Python's doing (PEP 538)",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "odd-store",
        theirs: "a subdirectory, a name with `=`, a value that is not UTF-8, a file that cannot \
                 be read, a store that is no directory: a traceback, and 1",
        ours: "one line says so, and all else is done; the bytes of a value are kept",
        why: "a ConfigMap is mounted with subdirectories in it",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "read-only",
        theirs: "where the store or its dumps cannot be written (read-only file systems, users \
                 who are not root): a traceback, and 1",
        ours: "one line says so, and all else is done",
        why: "`readOnlyRootFilesystem: true` is good practice",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "bad-timeout",
        theirs: "a timeout that is no whole number: a traceback, and 1",
        ours: "1, and one line that says which",
        why: "a traceback does not say which variable was meant",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "empty-timeout",
        theirs: "a timeout that is empty: a traceback, and 1",
        ours: "the default",
        why: "`-e KILL_PROCESS_TIMEOUT=` means that there is none",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "alarm",
        theirs: "SIGALRM from outside is taken for the end of a timeout: the command is stopped, \
                 and 1",
        ours: "it is ignored",
        why: "nobody means anything by it",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "late-stop",
        theirs: "a first TERM or INT while the last processes are waited for ends it at once \
                 with 130",
        ours: "it is ignored: the stop is under way, and the status is the command's",
        why: "the command's status is what the stop has to report",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "failing-hooks",
        theirs: "when a hook fails, those after it are not run, and after a failed hook before \
                 the stop the services are killed unasked",
        ours: "the others are run, the services are stopped in order; the status is 1 all the \
               same",
        why: "a flush that fails should not cost the database its checkpoint",
        strict: Strict::Theirs,
    },
    Deviation {
        doors: MY_INIT,
        name: "stop-in-hook",
        theirs: "a first TERM or INT during a hook before the stop ends the hook, and the \
                 services are killed unasked",
        ours: "it ends the hook; all that was to follow follows",
        why: "as above",
        strict: Strict::Theirs,
    },
    Deviation {
        doors: MY_INIT,
        name: "deaf-hooks",
        theirs: "what is run after a signal was told to ignore TERM and INT",
        ours: "hooks begin with both at their default",
        why: "one that hangs should end when it is told",
        strict: Strict::Theirs,
    },
    Deviation {
        doors: MY_INIT,
        name: "usage-words",
        theirs: "the usage and the complaints of the command line are Python's",
        ours: "in our own words; streams, statuses and `my_init: error: ` are the same",
        why: "nobody reads them but people",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "log-escapes",
        theirs: "names and words are written as they are, with their line ends, however long",
        ours: "bytes that are not ASCII and control characters are escaped, and lines are cut at \
               1024 bytes",
        why: "one line of the log is one line, which nobody can forge, and none is torn",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "early-stop",
        theirs: "TERM that comes while Python is starting is lost, and the container waits for \
                 KILL",
        ours: "it is acted on",
        why: "`docker stop` just after `docker run`",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "reused-pid",
        theirs: "a startup file that gets the PID of an orphan which failed has failed, too",
        ours: "it is waited for",
        why: "PIDs are used again in long-lived containers",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "table",
        theirs: "the status of each orphan is kept for ever: 1.3 MB for 20,000",
        ours: "forgotten",
        why: "a container may live for years",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "endless-stop",
        theirs: "the stop has no limit as long as a hook runs, or `sv` says that a service does",
        ours: "`SEXTON_STOP_TIMEOUT=25s` is one for all of it, with SIGKILL at its end; without it \
               there is none, either",
        why: "the runtime's own KILL leaves nothing in the log",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "stop-in-stop",
        theirs: "a first TERM or INT while `sv` stops the services is acted on when it has ended: \
                 the rest is left out",
        ours: "all that was to follow follows, and the status is 2",
        why: "it is the same stop that was asked for",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "no-directory",
        theirs: "a file in the place of a directory of startup files or hooks is passed over",
        ours: "one line says so",
        why: "somebody wanted its files to be run",
        strict: Strict::Ours,
    },
    Deviation {
        doors: MY_INIT,
        name: "scripts",
        theirs: "in the dump for shells the letters and digits of all scripts stand without quotes",
        ours: "those from Latin to Greek and from kana to Hangul, with what lies between them; \
               others are quoted",
        why: "a table of all letters would be larger than the init, and a shell reads the same",
        strict: Strict::Ours,
    },
];
