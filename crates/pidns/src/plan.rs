//! Everything the child will need, made ready before the clone: after it nothing may allocate.

use crate::access::Access;
use crate::builder::{EnvChange, Pid1, Place, Proc, Session, Stream};
use crate::child::{self, Step};
use crate::processes::Members;
use crate::{Error, Refused, Running};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::pipe::{PipeFlags, pipe_with};
use std::collections::BTreeMap;
use std::ffi::{CString, OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// The child's instructions.
pub(crate) struct Plan {
    program: OsString,
    place: Place,
    clone_flags: u64,
    /// `0 <uid> 1` and `0 <gid> 1` for the user namespace, if there is one.
    pub(crate) id_maps: Option<(String, String)>,
    pub(crate) proc: Proc,
    pub(crate) new_session: bool,
    pub(crate) terminal: Option<OwnedFd>,
    pub(crate) dies_with_thread: bool,
    pub(crate) current_dir: Option<CString>,
    /// What 0, 1 and 2 become; `None` leaves the caller's.
    pub(crate) streams: [Option<Placed>; 3],
    /// Sources are all above every target, so that no `dup2` overwrites a later source.
    pub(crate) fds: Vec<(OwnedFd, RawFd)>,
    /// Descriptor ranges to be closed, both ends included.
    pub(crate) close: Vec<(u32, u32)>,
    /// Bit n-1 is signal n, as the kernel has it.
    pub(crate) blocked: u64,
    pub(crate) ignored: u64,
    /// The files to try, in order: one, or one a PATH entry. Empty: only a rehearsal.
    pub(crate) candidates: Vec<CString>,
    argv: Vec<CString>,
    env: Vec<CString>,
    /// Null-terminated, pointing into `argv` and `env`.
    pub(crate) argv_pointers: Vec<*const libc::c_char>,
    pub(crate) env_pointers: Vec<*const libc::c_char>,
    pub(crate) report: OwnedFd,
    reports: File,
    /// The child reads one byte here before it executes, if it is to be held until then.
    pub(crate) word: Option<OwnedFd>,
}

/// One standard stream in the child.
pub(crate) enum Placed {
    Closed,
    From(OwnedFd),
}

impl Plan {
    pub(crate) fn of(command: Pid1, way: Option<Access>) -> Result<Plan, Error> {
        let env = environment(&command.env)?;
        let candidates = candidates(&command.program, &env)?;
        let env = strings(env.into_iter().map(|(key, value)| {
            let mut entry = key;
            entry.push("=");
            entry.push(value);
            entry
        }))?;
        let argv0 = command.argv0.unwrap_or_else(|| command.program.clone());
        let argv = strings(std::iter::once(argv0).chain(command.args))?;
        let (new_session, terminal) = match command.session {
            Session::Inherit => (false, None),
            Session::Own => (true, None),
            Session::OwnWithTerminal(terminal) => (true, Some(terminal)),
        };

        // Above every target, and above the standard streams even if the caller has none.
        let after = |(_, number): &(OwnedFd, RawFd)| number.saturating_add(1);
        let floor = command.fds.iter().map(after).max().unwrap_or(0).max(3);
        let raise = |fd: OwnedFd| {
            fcntl_dupfd_cloexec(&fd, floor).map_err(|errno| io("duplicate a descriptor", errno))
        };
        let mut streams = [None, None, None];
        for (placed, stream) in streams.iter_mut().zip(command.streams) {
            *placed = match stream {
                Stream::Inherit => None,
                Stream::Closed => Some(Placed::Closed),
                Stream::Null => Some(Placed::From(raise(dev_null()?)?)),
                Stream::Fd(fd) => Some(Placed::From(raise(fd)?)),
            };
        }
        let terminal = terminal.map(raise).transpose()?;
        let mut fds = Vec::new();
        for (fd, number) in command.fds {
            if number < 0 {
                return Err(io("pass a descriptor", rustix::io::Errno::BADF));
            }
            fds.push((raise(fd)?, number));
        }
        let (reports, report) =
            pipe_with(PipeFlags::CLOEXEC).map_err(|errno| io("make a pipe", errno))?;
        let report = raise(report)?;

        Ok(Plan {
            program: command.program,
            place: command.place,
            clone_flags: clone_flags(way, command.place, command.proc),
            id_maps: (way == Some(Access::UserNamespace)).then(id_maps),
            proc: if command.place == Place::Here { Proc::Callers } else { command.proc },
            new_session,
            terminal,
            dies_with_thread: command.dies_with_thread,
            current_dir: command.current_dir.map(|dir| string(dir.into_os_string())).transpose()?,
            streams,
            close: gaps(&fds, &report),
            fds,
            blocked: signal_set(&command.blocked)?,
            ignored: signal_set(&command.ignored)?,
            candidates,
            argv_pointers: pointers(&argv),
            env_pointers: pointers(&env),
            argv,
            env,
            report,
            reports: File::from(reports),
            word: None,
        })
    }

    /// All of it but the exec: the child leaves with status 0 instead.
    pub(crate) fn rehearsed(mut self) -> Plan {
        self.candidates.clear();
        self
    }

    /// As [`Plan::start`], with the child held before its exec until `look` has seen its PID.
    pub(crate) fn start_held(
        mut self,
        look: impl FnOnce(i32) -> io::Result<()>,
    ) -> Result<Running, Error> {
        let (word, give) =
            pipe_with(PipeFlags::CLOEXEC).map_err(|errno| io("make a pipe", errno))?;
        // As everything else above the descriptors that are put in place before it is read.
        let floor = self.fds.iter().map(|(_, number)| number.saturating_add(1)).max();
        let word = fcntl_dupfd_cloexec(&word, floor.unwrap_or(0).max(3));
        self.word = Some(word.map_err(|errno| io("duplicate a descriptor", errno))?);
        self.launch(|pid| {
            look(pid)?;
            rustix::io::write(&give, &[1]).map(drop).map_err(io::Error::from)
        })
    }

    /// Clones, and waits until the child has executed the program or said why it could not.
    pub(crate) fn start(self) -> Result<Running, Error> {
        self.launch(|_| Ok(()))
    }

    fn launch(self, look: impl FnOnce(i32) -> io::Result<()>) -> Result<Running, Error> {
        let cloned = child::clone_and_exec(&self, self.clone_flags);
        let Plan { program, place, new_session, report, mut reports, argv, env, .. } = self;
        let (pid, pidfd) = cloned.map_err(|errno| refused_or_io(Step::Clone, errno))?;
        drop((report, argv, env)); // Ours: else the end of file below would never come.
        // SAFETY: the kernel has just made this descriptor for us (CLONE_PIDFD): it is ours alone.
        let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
        let members = match place {
            Place::NewNamespace => Members::of_namespace(pid),
            Place::Here => Ok(Members::Descendants { session: new_session.then_some(pid) }),
        };
        // Without /proc nobody can be listed; that is said when somebody asks.
        let members = members.unwrap_or(Members::OfNamespace(PathBuf::new()));
        let running = Running::new(pid, pidfd, members);
        look(pid).map_err(|source| Error::Io { step: "look at the child", source })?;

        let mut told = [0; 8];
        match reports.read_exact(&mut told) {
            // Closed by exec (or by the end of a rehearsal) with nothing said.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(running),
            Err(source) => Err(Error::Io { step: "hear from the child", source }),
            Ok(()) => {
                let [a, b, c, d, e, f, g, h] = told;
                let errno = i32::from_ne_bytes([e, f, g, h]);
                Err(match Step::from_number(i32::from_ne_bytes([a, b, c, d])) {
                    Step::Exec => Error::Exec { program, errno },
                    step => refused_or_io(step, errno),
                })
            }
        }
    }
}

/// A failed step is a refusal if it is one that takes a privilege.
fn refused_or_io(step: Step, errno: i32) -> Error {
    if step.is_privileged() {
        Error::Refused(Refused::explained(step.in_words(), errno))
    } else {
        Error::Io { step: step.in_words(), source: io::Error::from_raw_os_error(errno) }
    }
}

fn clone_flags(way: Option<Access>, place: Place, proc: Proc) -> u64 {
    let mut flags = libc::SIGCHLD | libc::CLONE_PIDFD;
    if place == Place::NewNamespace {
        flags |= libc::CLONE_NEWPID;
        if proc != Proc::Callers {
            flags |= libc::CLONE_NEWNS;
        }
        if way == Some(Access::UserNamespace) {
            flags |= libc::CLONE_NEWUSER;
        }
    }
    u64::from(flags.cast_unsigned())
}

/// user_namespaces(7): without privilege one may map one's own effective user and group.
fn id_maps() -> (String, String) {
    let uid = rustix::process::geteuid();
    let gid = rustix::process::getegid();
    (format!("0 {uid} 1"), format!("0 {gid} 1"))
}

fn environment(changes: &[EnvChange]) -> Result<BTreeMap<OsString, OsString>, Error> {
    let mut env: BTreeMap<_, _> = std::env::vars_os().collect();
    for change in changes {
        match change {
            EnvChange::Set(key, value) => drop(env.insert(key.clone(), value.clone())),
            EnvChange::Remove(key) => drop(env.remove(key)),
            EnvChange::Clear => env.clear(),
        }
    }
    Ok(env)
}

/// execvp(3): a name with a slash is a path; any other is sought in PATH, or in the default one.
fn candidates(program: &OsStr, env: &BTreeMap<OsString, OsString>) -> Result<Vec<CString>, Error> {
    if program.as_bytes().contains(&b'/') || program.is_empty() {
        return Ok(vec![string(program.to_owned())?]);
    }
    let default = OsString::from("/bin:/usr/bin");
    let path = env.get(OsStr::new("PATH")).unwrap_or(&default);
    strings(std::env::split_paths(path).map(|dir| dir.join(program).into_os_string()))
}

fn strings(list: impl IntoIterator<Item = OsString>) -> Result<Vec<CString>, Error> {
    list.into_iter().map(string).collect()
}

fn string(text: OsString) -> Result<CString, Error> {
    CString::new(text.into_vec())
        .map_err(|nul| Error::Io { step: "pass a string with a NUL byte", source: nul.into() })
}

fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
}

fn signal_set(signals: &[i32]) -> Result<u64, Error> {
    signals.iter().try_fold(0, |set, &signal| match signal {
        1..=64 => Ok(set | 1 << (signal - 1)),
        _ => Err(io("signal number", rustix::io::Errno::INVAL)),
    })
}

fn dev_null() -> Result<OwnedFd, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")
        .map(OwnedFd::from)
        .map_err(|source| Error::Io { step: "open /dev/null", source })
}

/// The ranges from 3 up that leave out what was passed and the reporting pipe.
fn gaps(fds: &[(OwnedFd, RawFd)], report: &OwnedFd) -> Vec<(u32, u32)> {
    use std::os::fd::AsRawFd;
    let mut kept: Vec<u32> = fds.iter().map(|(_, number)| number.cast_unsigned()).collect();
    kept.push(report.as_raw_fd().cast_unsigned());
    kept.sort_unstable();
    let mut gaps = Vec::new();
    let mut next = 3;
    for number in kept {
        if number > next {
            gaps.push((next, number - 1));
        }
        next = next.max(number + 1);
    }
    gaps.push((next, u32::MAX));
    gaps
}

fn io(step: &'static str, errno: rustix::io::Errno) -> Error {
    Error::Io { step, source: errno.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_is_sought_in_every_path_entry() {
        let env = BTreeMap::from([("PATH".into(), "/a:/b".into())]);
        let found = candidates(OsStr::new("app"), &env).unwrap();
        assert_eq!(found, [c"/a/app".to_owned(), c"/b/app".to_owned()]);
    }

    #[test]
    fn a_name_with_a_slash_is_taken_as_it_is() {
        let found = candidates(OsStr::new("./app"), &BTreeMap::new()).unwrap();
        assert_eq!(found, [c"./app".to_owned()]);
    }

    #[test]
    fn signal_sets_have_the_kernels_bits_and_no_others() {
        assert_eq!(signal_set(&[1, 15, 64]).unwrap(), 1 | 1 << 14 | 1 << 63);
        assert!(signal_set(&[0]).is_err());
        assert!(signal_set(&[65]).is_err());
    }
}
