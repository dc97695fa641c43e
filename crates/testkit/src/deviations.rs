//! Where ours is not like the original, on purpose. The suites assert both sides of each row, and
//! `docs/compat/` is made of them.

mod my_init;

use crate::Door;

/// One difference that a user may see.
#[derive(Debug)]
pub struct Deviation {
    /// Of which originals.
    pub doors: &'static [Door],
    /// By which the tests call it.
    pub name: &'static str,
    /// What the original does.
    pub theirs: &'static str,
    /// What ours does.
    pub ours: &'static str,
    /// Why.
    pub why: &'static str,
    /// Whose way it is with `SEXTON_STRICT=1`.
    pub strict: Strict,
}

/// Whose way something is done with `SEXTON_STRICT=1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strict {
    /// The original's.
    Theirs,
    /// Ours all the same.
    Ours,
}

/// All of them.
pub fn deviations() -> impl Iterator<Item = &'static Deviation> {
    DEVIATIONS.iter().chain(my_init::DEVIATIONS)
}

const TINI: &[Door] = &[Door::Tini];
const DUMB_INIT: &[Door] = &[Door::DumbInit];
const CATATONIT: &[Door] = &[Door::Catatonit];
const TINI_AND_DUMB_INIT: &[Door] = &[Door::Tini, Door::DumbInit];
const TINI_AND_CATATONIT: &[Door] = &[Door::Tini, Door::Catatonit];
const PAUSE: &[Door] = &[Door::Pause];
const SETUSER: &[Door] = &[Door::Setuser];
const TINI_AND_PAUSE: &[Door] = &[Door::Tini, Door::Pause];
const WITH_LONG_OPTIONS: &[Door] = &[Door::DumbInit, Door::Catatonit];
const ALL_THAT_RUN: &[Door] = &[Door::Tini, Door::DumbInit, Door::Catatonit];

/// Those of the inits that run one command.
const DEVIATIONS: &[Deviation] = &[
    Deviation {
        doors: TINI_AND_DUMB_INIT,
        name: "pause-under-any-name",
        theirs: "`-P` is no option",
        ours: "`-P` waits for TERM or INT and reaps, as catatonit's does",
        why: "podman runs any init it is told of with `-P`, to hold a pod's namespaces",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI_AND_CATATONIT,
        name: "options-end-at-the-program",
        theirs: "options are looked for behind the program too: `tini sh -c 'exit 3'` is an \
                 error, `tini true -l` prints the licence",
        ours: "the program's options are the program's",
        why: "tini built with musl, and all with `POSIXLY_CORRECT`, do the same",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "dashes-behind-the-program",
        theirs: "built with glibc, `tini echo -- -l` runs `echo -l`",
        ours: "`echo -- -l`: what stands behind the program is its own",
        why: "as above; `tini -- echo -l` means the same to both",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "exec-errors",
        theirs: "1 when a program cannot be run because of ENOTDIR, ELOOP and others",
        ours: "127 for what is not found, 126 for all else, as a shell",
        why: "1 is what programs exit with themselves",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "log-at-once",
        theirs: "lines on a stdout that is no terminal come when tini ends",
        ours: "each line comes when it is written",
        why: "a log is read while something hangs",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "log-twice",
        theirs: "when the program cannot be run, lines come twice",
        ours: "once",
        why: "two processes had a copy of the same buffer",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "all-signals",
        theirs: "ILL, TRAP, ABRT, BUS, FPE, SEGV, SYS, 32 and 33 are lost as PID 1, and otherwise \
                 end tini but not the program; TTIN and TTOU are dropped",
        ours: "forwarded, as all others",
        why: "a signal that somebody sends is meant for the program",
        strict: Strict::Ours,
    },
    Deviation {
        doors: ALL_THAT_RUN,
        name: "values",
        theirs: "the value that sigqueue(3) sends along is lost",
        ours: "it is passed on",
        why: "real-time signals are sent for their values",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "reserved-signals",
        theirs: "32 and 33 are not blocked for the program, though they were for tini",
        ours: "the mask is passed on as it was",
        why: "what is inherited through an init should be what was given to it",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "eperm",
        theirs: "exits with 1, and the program with it, when it may not signal the program",
        ours: "says so, and waits for the program",
        why: "the program may end by itself, and its status is its own",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "closed-stdin",
        theirs: "with stdin closed the program is not run",
        ours: "it is run",
        why: "there is no terminal to be handed over",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI_AND_DUMB_INIT,
        name: "held",
        theirs: "descriptors and the working directory are held open as long as tini runs",
        ours: "let go of, but for stderr",
        why: "a pipe ends, and a file system can be unmounted, when nobody holds it",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "ctrl-z",
        theirs: "Ctrl-Z in a shell stops the program and not tini: the terminal is lost to both",
        ours: "the shell sees a stopped job, which `fg` continues",
        why: "the program is stopped for the shell's sake",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI_AND_CATATONIT,
        name: "background-job",
        theirs: "takes the terminal from the shell that started it in the background",
        ours: "leaves it",
        why: "to give the terminal to a job is the shell's business",
        strict: Strict::Ours,
    },
    Deviation {
        doors: DUMB_INIT,
        name: "all-signals",
        theirs: "32 and 33 are lost as PID 1, and otherwise end dumb-init but not the command",
        ours: "forwarded, as all others",
        why: "a signal that somebody sends is meant for the command",
        strict: Strict::Ours,
    },
    Deviation {
        doors: DUMB_INIT,
        name: "mask-and-ignores",
        theirs: "the command begins with no signal blocked and none below 32 ignored",
        ours: "with those that were blocked and ignored when the init was started",
        why: "nohup(1) and others count on it",
        strict: Strict::Ours,
    },
    Deviation {
        doors: DUMB_INIT,
        name: "twice",
        theirs: "with `-c` on a terminal the command hears each key twice: from the terminal, and \
                 from dumb-init, which heard it too",
        ours: "once",
        why: "many programs take a second interrupt for \"at once\"",
        strict: Strict::Ours,
    },
    Deviation {
        doors: CATATONIT,
        name: "all-signals",
        theirs: "ILL, TRAP, ABRT, BUS, FPE, SEGV, SYS, 32 and 33 are lost as PID 1, and otherwise \
                 end catatonit but not the program; TSTP, TTIN and TTOU are dropped",
        ours: "forwarded, as all others",
        why: "a signal that somebody sends is meant for the program",
        strict: Strict::Ours,
    },
    Deviation {
        doors: CATATONIT,
        name: "blocked-stops",
        theirs: "TSTP, TTIN and TTOU are blocked in the program and in all that it starts: Ctrl-Z \
                 never works",
        ours: "the mask is passed on as it was",
        why: "a shell in a container has jobs, too",
        strict: Strict::Ours,
    },
    Deviation {
        doors: CATATONIT,
        name: "held-streams",
        theirs: "the three streams and the working directory are held as long as catatonit runs",
        ours: "let go of, but for stderr",
        why: "a pipe ends, and a file system can be unmounted, when nobody holds it",
        strict: Strict::Ours,
    },
    Deviation {
        doors: ALL_THAT_RUN,
        name: "own-name",
        theirs: "complaints and usage begin with the path that it was called by; tini takes \
                 `--help` for the letter `-`",
        ours: "with the name of the door; a long option is called by its name",
        why: "the words are constants",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI_AND_CATATONIT,
        name: "licence",
        theirs: "`-l` and `-L` print the licence of the original",
        ours: "of ours",
        why: "it is another",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "version-anywhere",
        theirs: "`--version` is an option only where it is the only word",
        ours: "wherever an option may be",
        why: "nobody means anything else by it",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI_AND_DUMB_INIT,
        name: "strict-numbers",
        theirs: "blanks, signs and (dumb-init) what follows a number are let pass, and (tini) \
                 an empty word is 0",
        ours: "refused like any other word that is no number",
        why: "a slip should be found when it is made",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI_AND_DUMB_INIT,
        name: "signal-names",
        theirs: "tini takes 28 names, all with SIG; dumb-init takes none",
        ours: "any name or number, in either case",
        why: "what is refused by the one and taken by the other helps nobody",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "log-stream",
        theirs: "what is said with `-v` goes to stdout, but for warnings and errors",
        ours: "all goes to stderr",
        why: "stdout is the program's, and is not held open by the init",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI_AND_PAUSE,
        name: "signal-words",
        theirs: "signals are called by the words of strsignal(3): `Terminated`",
        ours: "by their names: `SIGTERM`",
        why: "names can be looked up, and typed",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI,
        name: "trace",
        theirs: "with `-vvv` also each step of its own is told, and that there was none",
        ours: "what happens is told",
        why: "an idle init has nothing to tell",
        strict: Strict::Ours,
    },
    Deviation {
        doors: DUMB_INIT,
        name: "subreaper",
        theirs: "elsewhere than as PID 1 orphans go to somebody else",
        ours: "they are adopted",
        why: "who forwards signals to a tree should know its members",
        strict: Strict::Ours,
    },
    Deviation {
        doors: CATATONIT,
        name: "catatonit-log",
        theirs: "CATATONIT_LOG in the environment, even empty, ends it with 1",
        ours: "it has no effect",
        why: "it means nothing to either",
        strict: Strict::Ours,
    },
    Deviation {
        doors: PAUSE,
        name: "other-signals",
        theirs: "elsewhere than as PID 1 signals other than INT and TERM end it",
        ours: "they have no effect",
        why: "a pod's namespaces are held until somebody says TERM",
        strict: Strict::Ours,
    },
    Deviation {
        doors: TINI_AND_CATATONIT,
        name: "licence-letters",
        theirs: "tini has `-l`, catatonit `-L`",
        ours: "both have both",
        why: "one letter means one thing under all names",
        strict: Strict::Ours,
    },
    Deviation {
        doors: DUMB_INIT,
        name: "shells-terminal",
        theirs: "started from an interactive shell without `-c`, the command has no terminal",
        ours: "it has the shell's",
        why: "/dev/tty is where passwords are asked for",
        strict: Strict::Ours,
    },
    Deviation {
        doors: WITH_LONG_OPTIONS,
        name: "long-option-words",
        theirs: "a long option that is refused is named whole, and one cut too short is called \
                 ambiguous",
        ours: "it is named as it was typed, and one cut too short is unknown",
        why: "what was typed is what has to be found and put right",
        strict: Strict::Ours,
    },
    Deviation {
        doors: DUMB_INIT,
        name: "log-lines",
        theirs: "`-v` tells also of its variables, and of how it tried to give up the terminal and \
                 the child to take it",
        ours: "`-v` tells of the child, of signals, and of how it ends",
        why: "nobody needs the rest to follow a stop",
        strict: Strict::Ours,
    },
    Deviation {
        doors: SETUSER,
        name: "text-without-interpreter",
        theirs: "a text file that names no interpreter cannot be executed",
        ours: "`/bin/sh` runs it, as from every shell",
        why: "execvp(3) does the same",
        strict: Strict::Ours,
    },
    Deviation {
        doors: SETUSER,
        name: "python-traces",
        theirs: "the command ignores PIPE and XFSZ, and has `LC_CTYPE=C.UTF-8` where no locale is \
                 set",
        ours: "nothing is changed but the user",
        why: "it is what Python leaves behind, and breaks pipelines",
        strict: Strict::Ours,
    },
    Deviation {
        doors: SETUSER,
        name: "many-groups",
        theirs: "a user may be a member of any number of groups",
        ours: "of 256, besides the primary one; who is in more is refused",
        why: "the memory is bounded, and no right is dropped silently",
        strict: Strict::Ours,
    },
    Deviation {
        doors: SETUSER,
        name: "already-that-user",
        theirs: "who is not root cannot run it at all",
        ours: "whoever is that user already stays it, in the groups that he is in",
        why: "images are run with `--user`, too",
        strict: Strict::Ours,
    },
];
