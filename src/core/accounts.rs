//! Who is who: the entries of `/etc/passwd` (passwd(5)) and `/etc/group` (group(5)).
//!
//! The files come byte by byte, first the one and then the other, however long they and their lines
//! are: an [`Account`] keeps one line, or of a group one member, and what was looked for. Lines
//! that are no entries are passed over: comments, those of NIS (`+`, `-`), and those in which a
//! number is missing, too large or no number. Of several that are meant the first counts.

use crate::limits::{ENTRY_MAX, GROUPS_MAX};
use crate::words::{Likeness, decimal, piece, same};

/// A file, and the place of what is looked for there in [`Account::ids`].
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
pub const NONE: u32 = u32::MAX;

/// The number of a user or a group; [`NONE`]: the word is no such number.
#[inline(never)]
pub fn id(word: &[u8]) -> u32 {
    decimal(word).unwrap_or(NONE)
}

/// A user, and the groups that he is to be in.
#[repr(C)] // the large ones last: so the code that reaches the others is shorter
pub struct Account<'a> {
    /// What is looked for is called so; `None`: the groups that have the user as a member.
    pub word: Option<&'a [u8]>,
    /// How many of the numbers there are.
    pub count: usize,
    /// How much has been read since the last mark; it may be more than there is room for.
    len: usize,
    /// Whose line it is; [`NONE`]: it is no entry, or of no further use.
    id: u32,
    /// Which file is read.
    pub file: File,
    /// Whether a member of a group is being read, but not the first.
    in_members: bool,
    /// The numbers of the user, of the primary group, of all other groups. Full it is of no use:
    /// there may be more. What is there before the file is read counts: a user who has this number
    /// is found by it, a group is not looked for any more.
    pub ids: [u32; GROUPS_MAX + 3],
    /// What has been read since the last mark.
    entry: [u8; ENTRY_MAX],
    /// The user's entry.
    found: [u8; ENTRY_MAX],
}

impl Account<'_> {
    /// Nobody's yet; this is the primary group if nobody names another.
    pub const fn new(group: u32) -> Account<'static> {
        let mut account = Account {
            word: None,
            count: 2,
            len: 0,
            id: NONE,
            file: File::Passwd,
            in_members: false,
            ids: [NONE; _],
            entry: [0; _],
            found: [0; _],
        };
        account.ids[1] = group;
        account
    }

    /// Reads on; the end of a file is one more end of a line.
    #[inline(never)]
    pub fn read(&mut self, byte: u8) {
        if let Some(place) = self.entry.get_mut(self.len) {
            *place = byte;
        }
        let is_member = byte == b',' && self.file == File::Group;
        if byte != b'\n' && !is_member {
            // With a NUL it is no text, and as good as too long.
            self.len += if byte == 0 { ENTRY_MAX } else { 1 };
            return;
        }
        let entry = self.entry.get(..self.len).unwrap_or_default();
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
            None => (self.field(Field::Name), rest),
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
            } else if self.word.is_none()
                && self.ids[1] != self.id
                && let Some(place) = self.ids.get_mut(self.count)
            {
                *place = self.id;
                self.count += 1;
            }
        }
        if self.word.is_some() {
            self.id = NONE;
        }
    }

    /// Of the user's entry; empty if there is none.
    pub fn field(&self, what: Field) -> &[u8] {
        field(piece(&self.found, b'\n', 0), what)
    }
}

#[inline(never)]
fn field(entry: &[u8], field: Field) -> &[u8] {
    piece(entry, b':', field as usize)
}
