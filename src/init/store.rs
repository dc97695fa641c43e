//! Placeholder.
use crate::sys::Words;
use sexton_core::policy::Voice;
pub struct Environment {
    words: Words,
}
impl Environment {
    pub fn inherited(words: Words) -> Environment {
        Environment { words }
    }
    pub fn words(&self) -> Words {
        self.words
    }
    pub fn import(&mut self, _store: &[u8], _voice: &Voice) {}
    pub fn replace(&mut self, _store: &[u8], _voice: &Voice) {}
}
