//! A shell script on its own: taken for an entrypoint, of an image that we do not know.

use crate::container::{Container, Setting, User};
use crate::effective::{Arg, Chain, Files, World};
use crate::known::shells::Shell;
use crate::read::Problem;
use crate::source::{Fragment, Place, Source};
use std::sync::Arc;

struct Itself(Arc<Fragment>);

impl Files for Itself {
    fn find(&self, path: &str) -> Option<Arc<Fragment>> {
        (path == NAME).then(|| self.0.clone())
    }
}

/// The path that the script has in the image.
const NAME: &str = "/entrypoint";

/// The container that has this script as its entrypoint.
pub fn read(source: &Arc<Source>) -> (Container, Vec<Problem>) {
    let first = source.line_span(1);
    let place = Place::new(source, first.start..first.start + source.line(1).len());
    let files = Itself(Fragment::whole(source));
    let words = vec![Arg::fixed(NAME, place.clone())];
    let chain = Chain::of(words, &World { sh: Shell::Unknown, environment: &[], files: &files });
    let broken = chain.broken.iter();
    let problems = broken.map(|(at, words)| Problem::at(at.clone(), words.clone())).collect();
    let container = Container {
        name: "the script".into(),
        place,
        entrypoint: None,
        cmd: None,
        chain,
        stop_signal: None,
        user: User::default(),
        image: None,
        runtime_init: None,
        handles_stop: None,
        probes: Vec::new(),
        setting: Setting::Script,
    };
    (container, problems)
}
