//! The text of the files under `/proc/PID`, as bytes: a name may hold anything but NUL.

use super::table::{Id, Process, State, Status};
use sexton_core::signal::SignalSet;
use std::str::FromStr;

/// `pid (name) state ppid pgrp session tty tpgid flags … threads itrealvalue starttime …`: the
/// name may hold spaces, parentheses and line ends itself, so that the last `)` ends it.
pub fn stat(bytes: &[u8]) -> Option<Process> {
    let open = bytes.iter().position(|&byte| byte == b'(')?;
    let close = bytes.iter().rposition(|&byte| byte == b')')?;
    let pid = number(bytes[..open].trim_ascii())?;
    let name = bytes.get(open + 1..close)?.to_vec();
    let mut fields = words(&bytes[close + 1..]);
    let state = State::of(*fields.next()?.first()?);
    let parent = number(fields.next()?)?;
    let group = number(fields.next()?)?;
    let session = number(fields.next()?)?;
    let flags = number(fields.nth(2)?)?;
    // From field 9 on to 20 and 22.
    let threads = number(fields.nth(10)?)?;
    let started = number(fields.nth(1)?)?;
    Some(Process {
        id: Id { pid, started },
        name,
        state,
        parent,
        session,
        group,
        flags,
        threads,
        namespace: None,
        status: None,
        cgroup: Vec::new(),
    })
}

/// One `Key:<tab>value` a line. `Name:` comes first and has its line ends escaped by the kernel.
pub fn status(bytes: &[u8]) -> Option<Status> {
    let mut pids = Vec::new();
    let mut status = Status {
        pids: Vec::new(),
        tracer: 0,
        uid: 0,
        pending: SignalSet::EMPTY,
        blocked: SignalSet::EMPTY,
        ignored: SignalSet::EMPTY,
        caught: SignalSet::EMPTY,
        capabilities: 0,
    };
    let (mut own, mut shared) = (0, 0);
    for line in bytes.split(|&byte| byte == b'\n') {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else { continue };
        let value = line[colon + 1..].trim_ascii();
        match &line[..colon] {
            b"TracerPid" => status.tracer = number(value)?,
            b"Uid" => status.uid = number(words(value).next()?)?,
            b"NSpid" => pids = words(value).filter_map(number).collect(),
            b"SigPnd" => own = hex(value)?,
            b"ShdPnd" => shared = hex(value)?,
            b"SigBlk" => status.blocked = SignalSet::from_bits(hex(value)?),
            b"SigIgn" => status.ignored = SignalSet::from_bits(hex(value)?),
            b"SigCgt" => status.caught = SignalSet::from_bits(hex(value)?),
            b"CapEff" => status.capabilities = hex(value)?,
            _ => {}
        }
    }
    status.pending = SignalSet::from_bits(own | shared);
    status.pids = pids;
    Some(status)
}

/// `pid:[4026531836]`, as namespaces(7) has it.
pub fn namespace(link: &[u8]) -> Option<u64> {
    number(link.strip_prefix(b"pid:[")?.strip_suffix(b"]")?)
}

/// What stands behind a key of a file in the form of `status` or `fdinfo`.
pub fn field<'b>(bytes: &'b [u8], key: &[u8]) -> Option<&'b [u8]> {
    let lines = bytes.split(|&byte| byte == b'\n');
    let mut found = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix(b":"));
    found.next().map(<[u8]>::trim_ascii)
}

/// Words between white space.
pub fn words(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// A decimal number.
pub fn number<N: FromStr>(bytes: &[u8]) -> Option<N> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// A number in hex, with or without `0x`.
pub fn hex(bytes: &[u8]) -> Option<u64> {
    let digits = bytes.strip_prefix(b"0x").unwrap_or(bytes);
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sexton_core::signal::Signal;

    const REST: &str = "0 -1 4194368 1 2 3 4 5 6 7 8 20 0 3 0 4711 100";

    #[test]
    fn a_name_may_hold_parentheses_line_ends_and_bytes_that_are_no_text() {
        for name in [&b"a) Z 1"[..], b"a\nb", b"(", b")", b"", b"\xff\xfe"] {
            let line = [b"7 (", name, b") S 1 7 5 ", REST.as_bytes()].concat();
            let process = stat(&line).unwrap();
            assert_eq!(process.name, name);
            assert_eq!(
                (process.id, process.state),
                (Id { pid: 7, started: 4711 }, State::Sleeping)
            );
            assert_eq!((process.parent, process.group, process.session), (1, 7, 5));
            assert_eq!((process.threads, process.flags), (3, 4_194_368));
            assert!(process.never_executed());
        }
    }

    #[test]
    fn a_file_cut_short_is_nobody() {
        let whole = format!("7 (a) S 1 7 5 {REST}");
        assert!(stat(whole.as_bytes()).is_some());
        for end in 0..whole.len() - "4711 100".len() {
            assert!(stat(&whole.as_bytes()[..end]).is_none(), "{}", &whole[..end]);
        }
    }

    #[test]
    fn a_status_gives_pids_from_outside_in_and_what_is_pending_in_either_queue() {
        let text = b"Name:\tb\\nUid:\t7\nState:\tS\nTracerPid:\t9\nUid:\t5\t6\t6\t6\n\
                     NSpid:\t4711\t12\t1\nSigPnd:\t0000000000000001\nShdPnd:\t0000000000004000\n\
                     SigBlk:\t0000000000000000\nSigIgn:\t0000000000000002\n\
                     SigCgt:\t8000000000000000\nCapEff:\t0000000000000020\n";
        let status = status(text).unwrap();
        assert_eq!((status.pids.as_slice(), status.tracer, status.uid), (&[4711, 12, 1][..], 9, 5));
        assert_eq!(status.pending, SignalSet::EMPTY.with(Signal::HUP).with(Signal::TERM));
        assert!(status.ignored.contains(Signal::INT) && status.caught.contains(Signal::RTMAX));
        assert_eq!(status.capabilities, 1 << 5);
    }

    #[test]
    fn a_namespace_link_gives_its_inode() {
        assert_eq!(namespace(b"pid:[4026531836]"), Some(4_026_531_836));
        assert_eq!(namespace(b"mnt:[4026531836]"), None);
    }
}
