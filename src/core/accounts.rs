//! Who is who: the entries of `/etc/passwd` (passwd(5)) and `/etc/group` (group(5)).
//!
//! The files come byte by byte, first the one and then the other, however long they and their lines
//! are: an [`Account`] keeps one line, or of a group one member, and what was looked for. Lines
//! that are no entries are passed over: comments, those of NIS (`+`, `-`), and those in which a
//! number is missing, too large or no number. Of several that are meant the first counts.

use crate::limits::{ENTRY_MAX, GROUPS_MAX};
use crate::notice::Saying;
use crate::words::{Likeness, decimal, piece, pieces, same};

/// A file, and the place of what is looked for there in `Account::ids`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// `/etc/passwd`: a user.
    Passwd = 0,
    /// `/etc/group`: the primary group, or those that have the user as a member.
    Group = 1,
}

/// Where a field is in an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The name.
    Name = 0,
    /// The number.
    Id = 2,
    /// The number of a user's primary group; of a group its members.
    Group = 3,
    /// A user's home.
    Home = 5,
}

/// No user and no group: to setresuid(2) it means that nothing changes.
const NONE: u32 = u32::MAX;

/// The number of a user or a group; [`NONE`]: the word is no such number.
#[inline(never)]
fn id(word: &[u8]) -> u32 {
    decimal(word).unwrap_or(NONE)
}

/// How users and groups may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// By their names.
    ByName,
    /// By their numbers, too.
    ByNumber,
}

/// Room for an entry, and for the variables that are made of it.
type Room = [u8; ENTRY_MAX + 32];

/// A user, and the groups that he is to be in.
#[repr(C)] // the large ones last: so the code that reaches the others is shorter
pub struct Account<'a> {
    /// What is looked for is called so; `None`: the groups that have the user as a member.
    word: Option<&'a [u8]>,
    /// How many groups he has that as a member.
    others: usize,
    /// How much has been read since the last mark; it may be more than there is room for.
    len: usize,
    /// Whose line it is; [`NONE`]: it is no entry, or of no further use.
    id: u32,
    /// Which file is read.
    file: File,
    /// Whether a member of a group is being read, but not the first.
    in_members: bool,
    /// The numbers of the user, of the primary group, of all other groups, and one place more. What
    /// is there before the file is read counts: a user who has this number is found by it, a group
    /// is not looked for any more.
    ids: [u32; GROUPS_MAX + 2],
    /// What has been read since the last mark.
    entry: Room,
    /// The user's entry.
    found: Room,
}

impl<'a> Account<'a> {
    /// Nothing is known yet. It is all zeros, which are quickly made.
    const EMPTY: Account<'static> = Account {
        word: None,
        others: 0,
        len: 0,
        id: 0,
        file: File::Passwd,
        in_members: false,
        ids: [0; _],
        entry: [0; _],
        found: [0; _],
    };

    /// Nobody's yet; with this primary group, if neither an entry nor a word names another.
    pub fn new(group: u32) -> Account<'a> {
        let mut account = Account::EMPTY;
        account.ids[1] = group;
        account
    }

    /// What comes from now on is this file, where this is looked for: a user in the one, a group in
    /// the other. Without a word those groups are that have the user as a member.
    pub fn begin(&mut self, file: File, word: Option<&'a [u8]>, called: Called) {
        (self.file, self.word) = (file, word);
        if let Some(word) = word {
            self.ids[file as usize] = if called == Called::ByName { NONE } else { id(word) };
        }
    }

    /// Reads on.
    #[inline(never)]
    pub fn read(&mut self, byte: u8) {
        if let Some(place) = self.entry.get_mut(self.len) {
            *place = byte;
        }
        // One before the members makes the entry none.
        let is_member = byte == b','
            && self.file == File::Group
            && (self.in_members
                || pieces(self.entry.get(..self.len).unwrap_or_default(), b':').count() > 3);
        if byte != b'\n' && !is_member {
            self.len += 1;
            return;
        }
        let len = if self.len <= ENTRY_MAX { self.len } else { 0 };
        let entry = self.entry.get(..len).unwrap_or_default();
        self.len = 0;
        let name = field(entry, Field::Name);
        let mut rest = entry;
        if !core::mem::replace(&mut self.in_members, is_member) {
            // What begins otherwise is no name, but a comment, or of NIS.
            let is_name = name.first().is_some_and(|letter| *letter >= b'0');
            self.id = if is_name { id(field(entry, Field::Id)) } else { NONE };
            rest = field(entry, Field::Group);
        }
        if self.id == NONE {
            return;
        }
        let (ours, theirs) = match self.word {
            Some(word) => (word, name),
            None => (field(&self.found, Field::Name), rest),
        };
        let is_called_so = same(ours, theirs, Likeness::Exact);
        if self.file == File::Passwd {
            let group = id(rest);
            let is_new = self.found[0] == 0 && group != NONE;
            if is_new && (is_called_so || self.id == self.ids[0]) {
                (self.ids[0], self.ids[1]) = (self.id, group);
                self.found = self.entry;
            }
        } else if is_called_so {
            if self.ids[1] == NONE {
                self.ids[1] = self.id;
            } else if self.word.is_none() && self.ids[1] != self.id {
                self.others += 1;
                if let Some(place) = self.ids.get_mut(self.others + 1) {
                    *place = self.id;
                }
            }
        }
        // A group that is looked for by its name has been seen with its first member.
        if self.word.is_some() {
            self.id = NONE;
        }
    }

    /// The file is at its end. What is wrong, if something is.
    pub fn end(&mut self) -> Option<Saying> {
        // The last line may lack its end.
        self.read(b'\n');
        if self.others > GROUPS_MAX {
            Some(Saying::ManyGroups)
        } else if self.ids[self.file as usize] != NONE {
            None
        } else if self.file == File::Passwd {
            Some(Saying::NoUser)
        } else {
            Some(Saying::NoGroup)
        }
    }

    /// The user's number.
    pub fn user(&self) -> u32 {
        self.ids[0]
    }

    /// The primary group.
    pub fn group(&self) -> u32 {
        self.ids[1]
    }

    /// All groups, the primary one first.
    pub fn groups(&self) -> &[u32] {
        self.ids.get(1..self.others + 2).unwrap_or_default()
    }

    /// The user's entry, for [`field`], and room for all variables that can be made of it.
    pub fn entry_and_room(&mut self) -> (&[u8], &mut [u8]) {
        (&self.found, &mut self.entry)
    }
}

/// A field of an entry.
#[inline(never)]
pub fn field(entry: &[u8], field: Field) -> &[u8] {
    piece(piece(entry, b'\n', 0), b':', field as usize)
}

#[cfg(test)]
mod tests;
