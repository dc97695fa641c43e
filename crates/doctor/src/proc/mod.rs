//! Reading `/proc`: files into values. Nothing is judged here.
//!
//! Everything is opened for reading and nothing else: no ptrace, no signal, no write. The cheap
//! look ([`read`]) is at everybody, the close one ([`close`]) at few.

pub mod cgroups;
pub mod close;
pub mod dir;
pub mod parse;
pub mod read;
pub mod table;
