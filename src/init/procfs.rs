//! Who is there, from `/proc`: everyone in our PID namespace, or our own descendants. Who is found
//! may be gone a moment later; that is why nobody is told by this way who can be told by another.

use sexton_core::limits::CLIMB_MAX;
use sexton_core::process::{Pid, Stat};
use sexton_core::text::Text;
use sexton_core::words::piece;

use crate::sys::{self, Open};

/// The head of `/proc/PID/stat` that holds all that is read of it.
type Line = [u8; 512];

/// Calls `visit` with every other process of our PID namespace if we are its first, else with our
/// descendants. The dead are left out. Whether `/proc` is there and speaks of our PID namespace:
/// another one's numbers would be other people's processes.
pub fn everyone(own: Pid, visit: &mut dyn FnMut(Pid, &Stat<'_>)) -> bool {
    // struct linux_dirent64: inode and offset, 8 bytes each; 2 of length; 1 of type; the name.
    const LENGTH: usize = 16;
    let (mut buffer, mut line) = ([0; 512], [0; _]);
    let myself = sys::read_file(c"/proc/self/stat".into(), &mut line).unwrap_or_default();
    if Pid::parse(piece(myself, b' ', 0)) != Some(own) {
        return false;
    }
    let Ok(proc) = sys::open(c"/proc".into(), Open::Read) else { return false };
    while let Ok(mut rest @ [_, ..]) = sys::read_entries(proc, &mut buffer) {
        while let Some(&[low, high, _, ref name @ ..]) = rest.get(LENGTH..) {
            if let Some(pid) = Pid::parse(piece(name, 0, 0))
                && pid != own
                && (own.is_init() || descends(pid, own, &mut line))
                && let Some(stat) = look(pid, &mut line)
                && !stat.is_dead()
            {
                visit(pid, &stat);
            }
            rest = rest.get(usize::from(u16::from_le_bytes([low, high]))..).unwrap_or(&[]);
        }
    }
    sys::close(proc);
    true
}

/// Whether we are its parent, or a parent's parent. Its ancestors are asked, and not their
/// children, so that who has been told to end and has gone hides nobody: orphans are adopted by us.
fn descends(pid: Pid, own: Pid, line: &mut Line) -> bool {
    let mut at = pid;
    for _ in 0..CLIMB_MAX {
        match look(at, line).map(|stat| stat.parent) {
            Some(parent) if parent == own.number() => return true,
            Some(parent) => match Pid::new(parent) {
                Some(parent) => at = parent,
                None => return false,
            },
            None if at == pid => return false,
            // It has just ended, and its child has another parent now.
            None => at = pid,
        }
    }
    false
}

/// What `/proc` says of a process.
#[inline(never)]
fn look(pid: Pid, line: &mut Line) -> Option<Stat<'_>> {
    let mut buffer = [0; 32];
    let mut path = Text::new(&mut buffer);
    path.text(b"/proc/");
    path.number(pid.number());
    path.text(b"/stat");
    Stat::parse(sys::read_file(path.path(), line).ok()?)
}
