//! What others write and we read: `/proc/PID/stat`, and the head of a file that would not run.

use sexton_core::exec::Kind;
use sexton_core::process::Stat;

/// What has to hold for these bytes: as a line of `/proc`, as the name of a process in such a line,
/// and as the head of a file.
pub fn check(bytes: &[u8]) {
    if let Some(stat) = Stat::parse(bytes) {
        assert!(stat.label.ends_with(b")") && bytes.starts_with(stat.label), "{bytes:?}");
    }
    check_name(bytes);
    check_head(bytes);
}

/// Whatever a process is called, what the kernel says of it is read.
fn check_name(bytes: &[u8]) {
    let (head, name) = bytes.split_at(bytes.len().min(8));
    let number = |place: usize| head.get(place).copied().map_or(0, u32::from);
    let (state, parent, group) = (b'A' + head.first().unwrap_or(&0) % 26, number(1), number(2));
    let start = u64::from(number(3)) << (number(4) % 48);
    let ignored = number(5) << (number(6) % 24);
    let label = [b"42 (", name, b")"].concat();
    let rest = format!(
        " {} {parent} {group} 7 0 -1 4194560 120 0 1 0 3 4 0 0 20 0 1 0 {start} 2961408 300 \
         18446744073709551615 1 1 0 0 0 0 6 {ignored} 16386 1 0 0 17 0\n",
        char::from(state),
    );
    let line = [label.as_slice(), rest.as_bytes()].concat();
    let stat = Stat::parse(&line).unwrap_or_else(|| panic!("no line: {name:?}{rest}"));
    assert_eq!(stat.label, label);
    let read = (stat.state, stat.parent, stat.group, stat.start_ticks, stat.ignored);
    assert_eq!(read, (state, parent, group, start, ignored), "{name:?}{rest}");
}

/// What a file needs is named as it stands there.
fn check_head(head: &[u8]) {
    let (kind, needs) = Kind::of(head);
    let there = needs.is_empty() || head.windows(needs.len()).any(|part| part == needs);
    let first_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match kind {
        Kind::Script => {
            let word = !needs.iter().any(|byte| matches!(byte, b' ' | b'\n'));
            assert!(head.starts_with(b"#!") && there && word, "{head:?} needs {needs:?}");
            let named = first_line[2..].iter().any(|byte| *byte != b' ');
            assert_eq!(named, !needs.is_empty(), "{head:?} needs {needs:?}");
        }
        Kind::Program => {
            let path = needs.is_empty() || needs.starts_with(b"/") && needs.len() >= 5;
            assert!(head.starts_with(b"\x7fELF") && there, "{head:?} needs {needs:?}");
            assert!(path && !needs.contains(&0), "{head:?} needs {needs:?}");
        }
        Kind::Text => {
            assert!(!first_line.contains(&0) && needs == b"/bin/sh", "{head:?}");
        }
        Kind::Data => assert!(first_line.contains(&0) && needs.is_empty(), "{head:?}"),
        Kind::Directory | Kind::Unknown => panic!("the head of a file is a file's: {head:?}"),
    }
}
