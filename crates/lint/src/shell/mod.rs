//! Shell text: what it says (`ast.rs`, read by `parse.rs`), and what it does to the process that
//! runs it (`flow.rs`).

pub mod ast;
pub mod flow;
mod nesting;
mod parse;
mod word;

pub use ast::Script;
pub use parse::{Broken, parse};
pub use word::Word;
