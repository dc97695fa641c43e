//! From files to containers: one module for each kind of file.

pub mod compose;
pub mod dockerfile;
mod instructions;
pub mod kubernetes;
pub mod script;
pub mod yaml;
