//! Another user for the command, looked up before anything is started. The init stays who it is: a
//! process of the same user may trace and limit even PID 1 (ptrace(2), prlimit(2)).

use sexton_core::accounts::{Account, Called, Field, File, field};
use sexton_core::door::Launch;
use sexton_core::errno::Errno;
use sexton_core::exit::ExitCode;
use sexton_core::notice::{Phrase, Saying, Value};
use sexton_core::policy::{Mode, Policy};
use sexton_core::text::{Path, Text};
use sexton_core::words::pieces;

use crate::boot::Inherited;
use crate::report;
use crate::sys::{self, Open};

/// From now on we are this user. Called between clone and execve: the capabilities go with root's
/// number, and as the memory is the init's too, that cannot be traced from now on (kernel/cred.c
/// `commit_creds`).
pub fn become_one(account: &Account<'_>) -> Result<u32, Errno> {
    let (user, group) = (account.user(), account.group());
    let joined = sys::join_groups(account.groups());
    // Who may not do that, and is that user already, goes on in the groups that he is in.
    if joined.is_err() && (sys::user() != user || sys::primary_group() != group) {
        return joined;
    }
    sys::become_group(group)?;
    sys::become_user(user)
}

/// Runs it as the user who is called so: `NAME|UID[:GROUP|GID]`, or where the command takes our
/// place a name. A stack frame of its own, as most are run as who we are.
#[inline(never)]
pub fn run_as(
    user: &[u8],
    policy: &Policy,
    launch: &Launch<'static>,
    inherited: &mut Inherited,
) -> ExitCode {
    let voice = &policy.voice;
    let by_name = policy.mode == Mode::Become;
    // No word has a NUL in it.
    let (called, mark) = if by_name { (Called::ByName, 0) } else { (Called::ByNumber, b':') };
    let mut words = pieces(user, mark);
    let mut account = Account::new(sys::primary_group());
    let mut file = File::Passwd;
    loop {
        let (path, step, word) = match file {
            File::Passwd => (c"/etc/passwd", Phrase::ReadPasswd, words.next()),
            File::Group => (c"/etc/group", Phrase::ReadGroup, words.rest()),
        };
        account.begin(file, word, called);
        if let Err(errno) = read_file(path.into(), &mut account) {
            report::unable(voice, Saying::CannotStart, step, errno);
            return policy.own_failure;
        }
        if let Some(wrong) = account.end() {
            report::say(voice, wrong, &[Value::Foreign(word.unwrap_or(user))]);
            return policy.own_failure;
        }
        if file == File::Group {
            break;
        }
        file = File::Group;
    }
    let (entry, room) = account.entry_and_room();
    let mut entries = Text::new(room);
    let mut what = Field::Home;
    for name in pieces(b"HOME= UID= USER=", b' ') {
        let start = entries.len();
        entries.text(name);
        entries.text(match field(entry, what) {
            // Of a user without an entry, who has nothing else.
            [] => b"/",
            value => value,
        });
        inherited.environment.put(name, entries.path_from(start));
        // Behind its NUL.
        entries.byte(0);
        if !by_name {
            break;
        }
        what = if what == Field::Home { Field::Id } else { Field::Name };
    }
    crate::run(policy, launch, inherited, Some(&account))
}

/// Reads all of a file. One that is not there is as good as empty.
fn read_file(path: Path<'_>, account: &mut Account<'_>) -> Result<(), Errno> {
    let file = match sys::open(path, Open::Read) {
        Err(Errno::NOENT) => return Ok(()),
        opened => opened?,
    };
    let mut buffer = [0; 512];
    loop {
        let len = sys::read_next(file, &mut buffer)?;
        for byte in buffer.iter().take(len as usize) {
            account.read(*byte);
        }
        if len == 0 {
            sys::close(file);
            return Ok(());
        }
    }
}
