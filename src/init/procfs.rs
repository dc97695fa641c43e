//! Who is there, from `/proc`: everyone in our PID namespace, or our own descendants. Who is found
//! may be gone a moment later; that is why nobody is told by this way who can be told by another.

use sexton_core::limits::CLIMB_MAX;
use sexton_core::process::{Pid, Stat};
use sexton_core::text::Text;
use sexton_core::words::piece;

use crate::entries::Names;
use crate::sys::{self, Open};

/// The head of `/proc/PID/stat` that holds all that is read of it.
type Line = [u8; 512];

/// Calls `visit` with every other process of our PID namespace if we are its first, else with our
/// descendants. The dead are left out. Whether these are all, as `/proc` is there and speaks of our
/// PID namespace: another one's numbers would be other people's processes.
pub fn everyone(own: Pid, visit: &mut dyn FnMut(Pid, &Stat<'_>)) -> bool {
    let mut line = [0; _];
    if look(OURSELVES, &mut line).and_then(|ourselves| first(ourselves.label, b' ')) != Some(own) {
        return false;
    }
    let Ok(proc) = sys::open(c"/proc".into(), Open::Read) else { return false };
    let mut names = Names::of(proc);
    while let Some(name) = names.next() {
        if let Some(pid) = Pid::parse(name)
            && pid != own
            && (own.is_init() || descends(pid, own, &mut line))
            && let Some(ref stat) = look(pid.number(), &mut line)
            && !stat.is_dead()
        {
            visit(pid, stat);
        }
    }
    names.end.is_ok()
}

/// The number that a text begins with, up to this mark.
fn first(text: &[u8], mark: u8) -> Option<Pid> {
    Pid::parse(piece(text, mark, 0))
}

/// Whether we are its parent, or a parent's parent. Its ancestors are asked, and not their
/// children, so that who has been told to end and has gone hides nobody: orphans are adopted by us.
fn descends(pid: Pid, own: Pid, line: &mut Line) -> bool {
    let mut at = pid.number();
    for _ in 0..CLIMB_MAX {
        match look(at, line).map(|stat| stat.parent) {
            Some(parent) if parent == own.number() => return true,
            // Outside the namespace.
            Some(0) => return false,
            Some(parent) => at = parent,
            None if at == pid.number() => return false,
            // It has just ended, and its child has another parent now.
            None => at = pid.number(),
        }
    }
    false
}

/// For [`look`]: who asks, by whatever number `/proc` knows us.
const OURSELVES: u32 = 0;

/// What `/proc` says of a process.
#[inline(never)]
fn look(pid: u32, line: &mut Line) -> Option<Stat<'_>> {
    let mut buffer = [0; 32];
    let mut path = Text::new(&mut buffer);
    path.text(b"/proc/");
    match pid {
        OURSELVES => path.text(b"self"),
        pid => path.number(pid),
    }
    path.text(b"/stat");
    let len = sys::read_file(path.path(), line).ok()?;
    Stat::parse(line.get(..len as usize)?)
}
