//! Who is there, from `/proc`: everyone in our PID namespace, or our own descendants. Who is found
//! may be gone a moment later; that is why nobody is told by this way who can be told by another.

use sexton_core::limits::DEPTH_MAX;
use sexton_core::process::{Pid, Stat};
use sexton_core::text::Text;
use sexton_core::words::{decimal, piece};

use crate::sys::{self, Listing};

/// Whether `/proc` is there and speaks of our PID namespace: another one's numbers would be other
/// people's processes.
pub fn is_ours(own: Pid) -> bool {
    sys::read_proc_self(&mut [0; 16]).is_ok_and(|name| Pid::parse(name) == Some(own))
}

/// Calls `visit` with every other process of our PID namespace if we are its first, else with our
/// descendants: children before their parents, so that nobody's children are looked for after it
/// was told to end.
pub fn everyone(own: Pid, visit: &mut dyn FnMut(Pid, &Stat<'_>)) {
    if !own.is_init() {
        return children_of(own, own, DEPTH_MAX, visit);
    }
    for_each_entry(own, b"", &mut |pid| {
        if pid != own {
            look(pid, &mut |stat| visit(pid, stat));
        }
    });
}

fn children_of(parent: Pid, own: Pid, depth: u32, visit: &mut dyn FnMut(Pid, &Stat<'_>)) {
    let Some(depth) = depth.checked_sub(1) else { return };
    // A child belongs to the thread that made it (proc(5), /proc/PID/task/TID/children).
    for_each_entry(parent, b"/task", &mut |thread| {
        let mut buffer = [0; 64];
        let mut path = Text::new(&mut buffer);
        proc_path(&mut path, parent, b"/task/");
        path.number(thread.number());
        path.text(b"/children");
        let mut number = 0u32;
        sys::each_chunk(path.path(), Listing::Content, &mut [0; 128], &mut |bytes| {
            for byte in bytes {
                if let Some(digit) = decimal(&[*byte]) {
                    number = number.wrapping_mul(10).wrapping_add(digit);
                } else if let Some(child) = Pid::new(core::mem::take(&mut number)) {
                    children_of(child, own, depth, visit);
                    // It was adopted if its parent, another child, has just ended.
                    look(child, &mut |stat| {
                        if stat.parent == parent.number() || stat.parent == own.number() {
                            visit(child, stat);
                        }
                    });
                }
            }
        });
    });
}

/// Calls `visit` with what `/proc` says of a process, unless it is dead.
fn look(pid: Pid, visit: &mut dyn FnMut(&Stat<'_>)) {
    let mut buffer = [0; 64];
    let mut path = Text::new(&mut buffer);
    proc_path(&mut path, pid, b"/stat");
    if let Ok(line) = sys::read_file(path.path(), &mut [0; 512])
        && let Some(stat) = Stat::parse(line)
        && !stat.is_dead()
    {
        visit(&stat);
    }
}

/// Calls `visit` with each entry that is a number: of `/proc` itself, or of a directory of a
/// process.
fn for_each_entry(pid: Pid, words: &[u8], visit: &mut dyn FnMut(Pid)) {
    // struct linux_dirent64: inode and offset, 8 bytes each; 2 of length; 1 of type; the name.
    const LENGTH: usize = 16;
    let mut buffer = [0; 64];
    let mut path = Text::new(&mut buffer);
    if words.is_empty() {
        path.text(b"/proc");
    } else {
        proc_path(&mut path, pid, words);
    }
    sys::each_chunk(path.path(), Listing::Entries, &mut [0; 512], &mut |mut rest| {
        while let Some(&[low, high, _, ref name @ ..]) = rest.get(LENGTH..) {
            if let Some(pid) = Pid::parse(piece(name, 0, 0)) {
                visit(pid);
            }
            rest = rest.get(usize::from(u16::from_le_bytes([low, high]))..).unwrap_or(&[]);
        }
    });
}

fn proc_path(path: &mut Text<'_>, pid: Pid, words: &[u8]) {
    path.text(b"/proc/");
    path.number(pid.number());
    path.text(words);
}
