//! System calls about files.

use sexton_core::errno::Errno;
use sexton_core::text::Path;
use sexton_core::time::Span;

use super::arch::{STAT_MODE, number};
use super::signals::timespec;
use super::{call, call4};

/// A descriptor: a number, as long as it is not closed. There are few, and nothing is opened while
/// another thread could see it; so they are closed by hand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Descriptor(pub u32);

/// Standard output and error, which we were given; error is never closed.
pub const STDOUT: Descriptor = Descriptor(1);
/// See [`STDOUT`].
pub const STDERR: Descriptor = Descriptor(2);

/// What a file is opened for; openat(2). The values are those of asm-generic/fcntl.h.
#[derive(Clone, Copy)]
pub enum Open {
    /// To read, without waiting for somebody to write into a FIFO, or for a key.
    Read = O_NOCTTY | O_NONBLOCK,
    /// A terminal, to read and write, without making it ours.
    Terminal = 2 | O_NOCTTY,
    /// A second way to write to something, without ever blocking.
    Append = 1 | O_NOCTTY | O_NONBLOCK | O_APPEND,
    /// To write a file anew, in its place; if there is none, one that the umask makes.
    Rewrite = 1 | O_NOCTTY | O_NONBLOCK | O_CREAT | O_TRUNC,
}

const O_CREAT: isize = 0o100;
const O_NOCTTY: isize = 0o400;
const O_TRUNC: isize = 0o1000;
const O_APPEND: isize = 0o2000;
const O_NONBLOCK: isize = 0o4000;
const O_CLOEXEC: usize = 0o2000000;
const AT_FDCWD: usize = -100isize as usize;

/// openat(2); always close-on-exec.
#[doc(alias = "openat")]
pub fn open(path: Path<'_>, how: Open) -> Result<Descriptor, Errno> {
    const MODE: usize = 0o666;
    let (path, flags) = (path.as_ptr() as usize, how as usize | O_CLOEXEC);
    // SAFETY: it reads the path, up to its NUL.
    unsafe { call4(AT_FDCWD, path, flags, MODE, number::OPENAT) }.map(Descriptor)
}

/// What a file is, of those that matter: inode(7).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FileType(u32);

impl FileType {
    /// A directory.
    pub const DIRECTORY: FileType = FileType(0o4);
    /// A regular file.
    pub const FILE: FileType = FileType(0o10);
}

/// fstatat(2): what is there, behind all links.
#[doc(alias("newfstatat", "stat"))]
#[inline(never)]
pub fn file_type(path: Path<'_>) -> Result<FileType, Errno> {
    let mut stat = [0u32; 36];
    let (path, to) = (path.as_ptr() as usize, stat.as_mut_ptr() as usize);
    // SAFETY: it reads the path, and writes a struct stat: 144 bytes at most.
    unsafe { call4(AT_FDCWD, path, to, 0, number::NEWFSTATAT) }?;
    Ok(FileType(stat[STAT_MODE] >> 12))
}

/// faccessat(2) `X_OK`: whether we may execute it.
#[doc(alias("faccessat", "access"))]
pub fn may_execute(path: Path<'_>) -> bool {
    const X_OK: usize = 1;
    // SAFETY: it reads the path, up to its NUL.
    unsafe { call(AT_FDCWD, path.as_ptr() as usize, X_OK, number::FACCESSAT) }.is_ok()
}

/// close(2).
pub fn close(file: Descriptor) {
    // SAFETY: it touches no memory.
    let _ = unsafe { call(file.0 as usize, 0, 0, number::CLOSE) };
}

/// close_range(2): all from this one up. Linux 5.9.
#[doc(alias = "close_range")]
pub fn close_from(first: Descriptor) -> Result<u32, Errno> {
    // SAFETY: it touches no memory.
    unsafe { call(first.0 as usize, u32::MAX as usize, 0, number::CLOSE_RANGE) }
}

/// Opens it, reads once, and closes it. The result is how many bytes of the buffer were filled.
pub fn read_file(path: Path<'_>, buffer: &mut [u8]) -> Result<u32, Errno> {
    let file = open(path, Open::Read)?;
    let len = read(number::READ, file, buffer);
    close(file);
    len
}

/// read(2): the next bytes of a file: how many of the buffer's they fill; 0 at the end.
#[doc(alias = "read")]
pub fn read_next(file: Descriptor, buffer: &mut [u8]) -> Result<u32, Errno> {
    read(number::READ, file, buffer)
}

/// getdents64(2): the next entries of a directory, in the kernel's form: how many bytes of the
/// buffer they fill; 0 after the last.
#[doc(alias = "getdents64")]
pub fn read_entries(directory: Descriptor, buffer: &mut [u8]) -> Result<u32, Errno> {
    read(number::GETDENTS64, directory, buffer)
}

fn read(number: usize, file: Descriptor, buffer: &mut [u8]) -> Result<u32, Errno> {
    let (to, room) = (buffer.as_mut_ptr() as usize, buffer.len());
    // SAFETY: the callers above name calls that write into the buffer, not beyond its length.
    unsafe { call(file.0 as usize, to, room, number) }
}

/// lseek(2) by nothing: succeeds where there is a position, which is for files, not for pipes,
/// sockets and terminals.
#[doc(alias = "lseek")]
pub fn has_position(file: Descriptor) -> bool {
    const SEEK_CUR: usize = 1;
    // SAFETY: it touches no memory.
    unsafe { call(file.0 as usize, 0, SEEK_CUR, number::LSEEK) }.is_ok()
}

/// write(2).
pub fn write(file: Descriptor, bytes: &[u8]) -> Result<u32, Errno> {
    // SAFETY: it reads the bytes.
    unsafe { call(file.0 as usize, bytes.as_ptr() as usize, bytes.len(), number::WRITE) }
}

/// Writes a file anew, and closes it. A write that was cut short has met the end of the room there
/// is, as no signal interrupts it.
pub fn write_file(path: Path<'_>, bytes: &[u8]) -> Result<(), Errno> {
    let file = open(path, Open::Rewrite)?;
    let written = write(file, bytes);
    close(file);
    if written? as usize == bytes.len() { Ok(()) } else { Err(Errno::NOSPC) }
}

/// sendto(2) with `MSG_DONTWAIT | MSG_NOSIGNAL`; `ENOTSOCK` for all but sockets.
#[doc(alias = "sendto")]
pub fn send_nowait(file: Descriptor, bytes: &[u8]) -> Result<u32, Errno> {
    const FLAGS: usize = 0x4040;
    let (file, from) = (file.0 as usize, bytes.as_ptr() as usize);
    // SAFETY: it reads the bytes, and no address.
    unsafe { call4(file, from, bytes.len(), FLAGS, number::SENDTO) }
}

/// ppoll(2): whether it can be written to at once.
#[doc(alias = "ppoll")]
pub fn is_writable(file: Descriptor) -> bool {
    const POLLOUT: u64 = 4;
    // struct pollfd, little-endian: the descriptor, 16 bits asked for, 16 bits that are so.
    let mut poll = u64::from(file.0) | POLLOUT << 32;
    let _ = wait_for(&raw mut poll as usize, 1, Span::from_secs(0));
    poll >> 48 & POLLOUT != 0
}

/// ppoll(2) of nothing: sleeps so long, or until a signal that is not blocked.
#[doc(alias = "ppoll")]
pub fn sleep(span: Span) {
    let _ = wait_for(0, 0, span);
}

fn wait_for(poll: usize, count: usize, span: Span) -> Result<u32, Errno> {
    let timeout = timespec(span);
    // SAFETY: it reads and writes as many pollfds as there are, and reads a timespec.
    unsafe { call4(poll, count, timeout.as_ptr() as usize, 0, number::PPOLL) }
}

/// chdir(2) to `/`.
#[doc(alias = "chdir")]
pub fn go_to_root() {
    // SAFETY: it reads the C string. If it fails we stay where we are, which harms only umount.
    let _ = unsafe { call(c"/".as_ptr() as usize, 0, 0, number::CHDIR) };
}
