//! Another user for the command, looked up before anything is started. The init stays who it is:
//! who runs as the command does may kill, trace and limit it, and even PID 1 (ptrace(2), prlimit(2)).

use sexton_core::accounts::{Account, Field, File, NONE, id};
use sexton_core::door::Launch;
use sexton_core::errno::Errno;
use sexton_core::exit::ExitCode;
use sexton_core::limits::ENTRY_MAX;
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
    let [user, group, ..] = account.ids;
    let groups = account.ids.get(1..account.count).unwrap_or_default();
    let joined = sys::join_groups(groups);
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
    called: &[u8],
    policy: &Policy,
    launch: &Launch<'_>,
    inherited: &Inherited,
) -> ExitCode {
    let by_name = policy.mode == Mode::Become;
    // No word has a NUL in it.
    let mut words = pieces(called, if by_name { 0 } else { b':' });
    let mut account = Account::new(sys::primary_group());
    loop {
        account.word = words.next();
        let place = account.file as usize;
        if let Some(word) = account.word
            && !by_name
        {
            account.ids[place] = id(word);
        }
        let of_user = account.file == File::Passwd;
        let (path, step, mut missing) = if of_user {
            (c"/etc/passwd", Phrase::ReadPasswd, Saying::NoUser)
        } else {
            (c"/etc/group", Phrase::ReadGroup, Saying::NoGroup)
        };
        if let Err(errno) = read_file(path.into(), &mut account) {
            report::unable(&policy.voice, Saying::CannotStart, step, errno);
            return policy.own_failure;
        }
        let full = account.count == account.ids.len();
        if full {
            missing = Saying::ManyGroups
        }
        if account.ids[place] == NONE || full {
            report::say(&policy.voice, missing, &[Value::Foreign(account.word.unwrap_or(called))]);
            return policy.own_failure;
        }
        if !of_user {
            break;
        }
        account.file = File::Group;
    }
    // All that is written comes from one entry.
    let mut room = [0; ENTRY_MAX + 32];
    let mut entries = Text::new(&mut room);
    let mut what = Field::Home;
    for name in pieces(b"HOME= UID= USER=", b' ') {
        let start = entries.len();
        entries.text(name);
        entries.text(match account.field(what) {
            [] => b"/",
            value => value,
        });
        inherited.environment.put(name, entries.path_from(start));
        if !by_name {
            break;
        }
        what = if what == Field::Home { Field::Id } else { Field::Name };
    }
    crate::run(policy, launch, inherited, Some(&account))
}

fn read_file(path: Path<'_>, account: &mut Account<'_>) -> Result<(), Errno> {
    let file = match sys::open(path, Open::Read) {
        // As good as empty.
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
            break;
        }
    }
    // The last line may lack its end.
    account.read(b'\n');
    sys::close(file);
    Ok(())
}
