//! What the options of a door are called.

use super::{Called, Door, KEYS, Key, WAYS};
use crate::book::{Chapter, FRONT, Page};
use crate::words::{Likeness, piece, same};

impl Door {
    /// What it calls this option in one letter; NUL if there is none.
    #[inline(never)]
    pub fn letter(self, key: Key) -> u8 {
        let mut room = [0; FRONT];
        let names = Page::of(Chapter::Names, self as usize).read(&mut room);
        piece(names, b' ', key as usize * WAYS).first().copied().unwrap_or(0)
    }

    /// The option that is called so, or, of those names that are typed, whose name alone begins so.
    #[inline(never)]
    pub(super) fn option(self, how: Called, word: &[u8]) -> Option<Key> {
        let typed = how != Called::Variable;
        let likeness = if typed { Likeness::Exact } else { Likeness::Loose };
        // Our own variables are called as the options are.
        let how = if self == Door::Native && !typed { Called::Name } else { how };
        let mut room = [0; FRONT];
        let names = Page::of(Chapter::Names, self as usize).read(&mut room);
        let (mut found, mut alike) = (None, 0);
        for key in KEYS {
            let name = piece(names, b' ', key as usize * WAYS + how as usize);
            let begins = name.get(..word.len()).is_some_and(|name| same(name, word, likeness));
            let whole = name.len() == word.len();
            if begins && !word.is_empty() && (typed || whole) {
                (found, alike) = (Some(key), alike + 1);
                if whole {
                    return found;
                }
            }
        }
        found.filter(|_| alike == 1)
    }
}
