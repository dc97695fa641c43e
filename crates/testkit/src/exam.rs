//! The exam of the front doors: the original and ours under the original's name are asked the same.
//!
//! What the original does is what a test says. Where ours shall do something else, the test asks
//! [`Exam::deviates`] for the answer, by the name of a row of [`deviations`](crate::deviations()).

use crate::{Deviation, Image, Init, Strict, deviations, init_path, scratch};
use std::ffi::OsStr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A name that ours may be called by, and what it then has to be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Its own, which nobody else has.
    Native,
    /// tini 0.19.0.
    Tini,
    /// dumb-init 1.2.5.
    DumbInit,
    /// catatonit 0.1.7.
    Catatonit,
    /// Kubernetes' pause. Nobody packages it: only ours can be asked.
    Pause,
    /// Baseimage-docker's my_init, a Python program. Nobody packages it: it is asked where
    /// `SEXTON_ORIGINAL_MY_INIT` names it.
    MyInit,
    /// setuser of Baseimage-docker. It is in no package: only ours can be asked.
    Setuser,
}

/// Who sits the exam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The program that the others are measured by.
    Original,
    /// `sexton-init`, called by the original's name.
    Ours,
    /// The same with `SEXTON_STRICT=1`.
    OursStrictly,
}

/// One program that sits the exam.
#[derive(Debug, Clone)]
pub struct Exam {
    door: Door,
    whose: Whose,
    path: PathBuf,
}

impl Door {
    /// All of them.
    pub const ALL: [Door; 7] = [
        Door::Native,
        Door::Tini,
        Door::DumbInit,
        Door::Catatonit,
        Door::Pause,
        Door::MyInit,
        Door::Setuser,
    ];

    /// What the original's file is called.
    pub const fn name(self) -> &'static str {
        match self {
            Door::Native => "sexton-init",
            Door::Tini => "tini",
            Door::DumbInit => "dumb-init",
            Door::Catatonit => "catatonit",
            Door::Pause => "pause",
            Door::MyInit => "my_init",
            Door::Setuser => "setuser",
        }
    }

    /// The program named by `TINI_UNDER_TEST` (`DUMB_INIT_UNDER_TEST`, …), else ours.
    ///
    /// # Panics
    /// If it is not there.
    pub fn under_test(self) -> Exam {
        let name = self.name().to_uppercase().replace('-', "_") + "_UNDER_TEST";
        let Some(named) = std::env::var_os(&name) else { return self.ours() };
        let path = PathBuf::from(named);
        let Ok(file) = path.canonicalize() else { panic!("{name}: no {}", path.display()) };
        let whose = match file == ours() {
            true => Whose::Ours,
            false => Whose::Original,
        };
        Exam { door: self, whose, path }
    }

    /// Ours, by a link of the original's name.
    ///
    /// # Panics
    /// If the link cannot be made.
    pub fn ours(self) -> Exam {
        static LINKS: OnceLock<PathBuf> = OnceLock::new();
        let links = LINKS.get_or_init(|| {
            let links = scratch();
            for door in Door::ALL {
                symlink(ours(), links.join(door.name())).expect("a link");
            }
            links
        });
        Exam { door: self, whose: Whose::Ours, path: links.join(self.name()) }
    }

    /// The original, if it is installed, or named.
    pub fn original(self) -> Option<Exam> {
        if self == Door::MyInit {
            let path = PathBuf::from(std::env::var_os("SEXTON_ORIGINAL_MY_INIT")?);
            return Some(Exam { door: self, whose: Whose::Original, path });
        }
        if self == Door::Native {
            return None;
        }
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let mut files = std::env::split_paths(&folders).map(|folder| folder.join(self.name()));
        let path = files.find(|file| file.is_file())?;
        Some(Exam { door: self, whose: Whose::Original, path })
    }
}

/// Ours, without a link.
fn ours() -> PathBuf {
    init_path().canonicalize().expect("the init")
}

impl Exam {
    /// Ours, asked to do as the original does wherever it can.
    pub fn strictly(self) -> Exam {
        Exam { whose: Whose::OursStrictly, ..self }
    }

    /// As what it sits the exam.
    pub fn door(&self) -> Door {
        self.door
    }

    /// Whose it is.
    pub fn whose(&self) -> Whose {
        self.whose
    }

    /// Its file, by which it is called.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its file as text.
    ///
    /// # Panics
    /// If it is none.
    pub fn program(&self) -> &str {
        self.path.to_str().expect("text")
    }

    /// It, as PID 1 of a new namespace.
    pub fn init(&self) -> Init {
        self.wrapped::<&str>([])
    }

    /// It, executed by another program; see [`Init::wrapped`].
    pub fn wrapped<S: AsRef<OsStr>>(&self, wrapper: impl IntoIterator<Item = S>) -> Init {
        let init = Init::at(&self.path, wrapper);
        match self.whose {
            Whose::OursStrictly => init.env("SEXTON_STRICT", "1"),
            Whose::Original | Whose::Ours => init,
        }
    }

    /// It, as PID 1 in this image.
    pub fn inside(&self, image: &mut Image) -> Init {
        if self.whose == Whose::OursStrictly {
            image.env("SEXTON_STRICT", "1");
        }
        image.init(&self.path)
    }

    /// What is expected here: `theirs` of the original, `ours` of ours. The name is that of the row
    /// which tells the user so.
    ///
    /// # Panics
    /// If no row of this door has that name.
    #[track_caller]
    pub fn deviates<T>(&self, name: &str, theirs: T, ours: T) -> T {
        let of_this_name = |row: &&Deviation| row.name == name && row.doors.contains(&self.door);
        let Some(row) = deviations().find(of_this_name) else {
            panic!("{name} is no listed deviation of {}", self.door.name())
        };
        match (self.whose, row.strict) {
            (Whose::Original, _) | (Whose::OursStrictly, Strict::Theirs) => theirs,
            (Whose::Ours, _) | (Whose::OursStrictly, Strict::Ours) => ours,
        }
    }
}
