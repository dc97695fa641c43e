//! What can go wrong, in words a person can act on.

use std::ffi::OsString;
use std::{fmt, fs, io};

/// Why a command could not be started.
#[derive(Debug)]
pub enum Error {
    /// The kernel, or a security policy, does not let us have the namespaces.
    Refused(Refused),
    /// The namespaces are there, but `program` could not be executed.
    Exec {
        /// As it was given to [`Pid1::new`](crate::Pid1::new).
        program: OsString,
        /// From execve(2): `ENOENT`, `EACCES`, `ENOEXEC`, ….
        errno: i32,
    },
    /// A step of the preparation failed.
    Io {
        /// What was attempted, such as `open /dev/null`.
        step: &'static str,
        /// What the kernel answered.
        source: io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Refused(refused) => refused.fmt(f),
            Error::Exec { program, errno } => {
                write!(f, "exec {}: {}", program.display(), errno_in_words(*errno))
            }
            Error::Io { step, source } => match source.raw_os_error() {
                Some(errno) => write!(f, "{step}: {}", errno_in_words(errno)),
                None => write!(f, "{step}: {source}"),
            },
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Refused(refused) => Some(refused),
            Error::Exec { .. } => None,
            Error::Io { source, .. } => Some(source),
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        match error {
            Error::Io { source, .. } => source,
            Error::Exec { errno, .. } => io::Error::from_raw_os_error(errno),
            Error::Refused(_) => io::Error::new(io::ErrorKind::PermissionDenied, error),
        }
    }
}

/// Namespaces were refused: at which step, and what the machine says about why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub(crate) step: &'static str,
    pub(crate) errno: i32,
    pub(crate) hint: String,
}

impl Refused {
    /// Looks at the machine for the reason of `errno` at `step`.
    pub(crate) fn explained(step: &'static str, errno: i32) -> Refused {
        Refused { step, errno, hint: hint(step, errno) }
    }

    /// The errno of the step that was refused.
    pub fn errno(&self) -> i32 {
        self.errno
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.step, errno_in_words(self.errno), self.hint)
    }
}

impl std::error::Error for Refused {}

/// The sysctl that forbids it, or else what usually does.
fn hint(step: &str, errno: i32) -> String {
    // Each of these is a switch that an administrator or a distribution sets.
    let switches = [
        ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
        ("/proc/sys/user/max_pid_namespaces", "0", "user.max_pid_namespaces=15000"),
        ("/proc/sys/user/max_mnt_namespaces", "0", "user.max_mnt_namespaces=15000"),
        // Debian and Arch kernels.
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        // Ubuntu 23.10 and later.
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ];
    for (file, forbids, cure) in switches {
        if fs::read_to_string(file).is_ok_and(|text| text.trim() == forbids) {
            let name = file.trim_start_matches("/proc/sys/").replace('/', ".");
            return format!(
                "{name} is {forbids}: run as root, or allow it with `sysctl -w {cure}`"
            );
        }
    }
    if errno == libc::EINVAL {
        // mount(2), MS_PRIVATE: the root of a chroot is often no mount point.
        "/ is no mount point here, as in a chroot: run outside it".into()
    } else if step.contains("/proc") {
        "parts of /proc are hidden here, as in most containers: \
         run outside it, or with `docker run --privileged`"
            .into()
    } else {
        "a seccomp filter or security module forbids it, as in most containers: \
         run outside it, or with `docker run --privileged`"
            .into()
    }
}

/// `Operation not permitted`, without Rust's `(os error 1)`.
fn errno_in_words(errno: i32) -> String {
    let words = io::Error::from_raw_os_error(errno).to_string();
    match words.rfind(" (os error") {
        Some(end) => words[..end].to_owned(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exec_failure_names_the_program_and_the_reason() {
        let error = Error::Exec { program: "/app".into(), errno: libc::ENOENT };
        assert_eq!(error.to_string(), "exec /app: No such file or directory");
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let refused = Refused::explained("create a PID namespace", libc::EPERM);
        let text = refused.to_string();
        assert!(text.starts_with("create a PID namespace: Operation not permitted; "), "{text}");
        assert!(text.contains("run "), "{text}");
        assert!(!text.contains('\n'), "{text}");
    }
}
