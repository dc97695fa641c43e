//! What `probe status` saw.

/// The child's view of itself: facts by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    facts: Vec<(String, String)>,
}

impl View {
    /// From the lines of the probe.
    pub fn of<'l>(lines: impl IntoIterator<Item = &'l str>) -> View {
        let facts = lines.into_iter().filter_map(|line| line.split_once(' '));
        View { facts: facts.map(|(key, value)| (key.into(), value.into())).collect() }
    }

    /// All facts of this name.
    pub fn all(&self, key: &str) -> Vec<&str> {
        let named = self.facts.iter().filter(|(name, _)| name == key);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The one fact of this name.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[track_caller]
    pub fn one(&self, key: &str) -> &str {
        match self.all(key).as_slice() {
            [value] => value,
            _ => panic!("not one {key} in {self:?}"),
        }
    }

    /// A fact that is a number.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn number(&self, key: &str) -> i64 {
        self.one(key).parse().unwrap_or_else(|_| panic!("{key} is {}", self.one(key)))
    }

    /// A set of signals (`SigBlk`, `SigIgn`, `SigCgt`).
    ///
    /// # Panics
    /// If it is no number in hex.
    #[track_caller]
    pub fn set(&self, key: &str) -> u64 {
        u64::from_str_radix(self.one(key), 16).unwrap_or_else(|_| panic!("{key} is no set"))
    }

    /// Facts that are bytes in hex.
    ///
    /// # Panics
    /// If one is not.
    #[track_caller]
    pub fn bytes(&self, key: &str) -> Vec<Vec<u8>> {
        let byte = |hex: &[u8]| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok();
        let word = |hex: &str| hex.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>();
        self.all(key).into_iter().map(|hex| word(hex).expect("hex")).collect()
    }

    /// The numbers of the open descriptors.
    ///
    /// # Panics
    /// If one is no number.
    pub fn descriptors(&self) -> Vec<i32> {
        let number = |fact: &str| fact.split(' ').next()?.parse().ok();
        let mut numbers: Vec<i32> =
            self.all("fd").into_iter().map(|fact| number(fact).expect("a number")).collect();
        numbers.sort_unstable();
        numbers
    }
}
