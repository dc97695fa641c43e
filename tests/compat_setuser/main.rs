//! setuser of Baseimage-docker: what was observed of it, asked of ours under its name.
//! `SETUSER_UNDER_TEST` names another program. All of it needs root, to become somebody else.

mod accounts;
mod command;
mod environment;
mod refusals;

use sexton_testkit::accounts::{Accounts, Entry};
use sexton_testkit::{Door, End, Exam, Init, Place};

fn exam() -> Exam {
    Door::Setuser.under_test()
}

const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/bash
scn:x:4242:4243:Scenario,,,:/home/scn:/bin/bash
1000:x:4711:4711::/:
";

const GROUP: &str = "\
root:x:0:
scn:x:4243:
extra:x:4244:other,scn
others:x:4245:other
";

fn accounts() -> Accounts {
    Accounts::new(Entry::Text(PASSWD), Entry::Text(GROUP))
}

/// It, where these are the accounts. Its words come by [`Init::options`].
fn among(accounts: &Accounts, place: Place) -> Init {
    exam().wrapped(accounts.wrapper()).place(place)
}

/// What comes of these words.
fn run(place: Place, words: &[&str]) -> End {
    among(&accounts(), place).options(words).spawn().end()
}

/// In a container it is PID 1, a startup script's child, or a service's.
fn in_both_places(ask: impl Fn(Place)) {
    if sexton_testkit::real_root() {
        ask(Place::Here);
        ask(Place::NewNamespace);
    }
}
