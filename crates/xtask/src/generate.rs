//! `cargo xtask gen`: what in the documentation repeats what the code says.
//!
//! A Markdown file marks the place with `<!-- generated: NAME -->` and `<!-- end generated -->`;
//! what stands between is replaced, or with `--check` compared: [`PARTS`] is the list. Man pages
//! and completions are made as wholes, by `packaging.rs`.

use crate::tables;
use crate::tools::{self, Failure, Result};
use sexton_testkit::Door;

/// One generated place in one file.
struct Part {
    file: &'static str,
    name: &'static str,
    text: fn() -> String,
}

/// Every generated part there is. A file may have several.
const PARTS: &[Part] = &[
    marked("docs/options.md", "options", tables::native_options),
    marked("docs/exit-codes.md", "exit-codes", tables::exit_codes),
    marked("docs/compat/tini.md", "options", tables::tini_options),
    marked("docs/compat/tini.md", "deviations", || tables::deviations(Door::Tini)),
    marked("docs/compat/dumb-init.md", "options", tables::dumb_init_options),
    marked("docs/compat/dumb-init.md", "deviations", || tables::deviations(Door::DumbInit)),
    marked("docs/compat/catatonit.md", "options", tables::catatonit_options),
    marked("docs/compat/catatonit.md", "deviations", || tables::deviations(Door::Catatonit)),
    marked("docs/compat/setuser.md", "deviations", || tables::deviations(Door::Setuser)),
    marked("docs/compat/pause.md", "deviations", || tables::deviations(Door::Pause)),
    marked("docs/compat/my_init.md", "options", tables::my_init_options),
    marked("docs/compat/my_init.md", "deviations", tables::my_init_deviations),
    marked("docs/lint.md", "rules", crate::lint_table::rules),
];

const fn marked(file: &'static str, name: &'static str, text: fn() -> String) -> Part {
    Part { file, name, text }
}

/// Whether to write or only to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Write,
    Check,
}

impl Mode {
    pub fn parse(mut args: lexopt::Parser) -> Result<Mode> {
        match args.next()? {
            None => Ok(Mode::Write),
            Some(lexopt::Arg::Long("check")) => Ok(Mode::Check),
            Some(other) => Err(other.unexpected().into()),
        }
    }
}

/// Brings every part up to date, or says which is not.
pub fn run(mode: Mode) -> Result {
    let mut stale = Vec::new();
    for part in PARTS {
        let path = tools::root().join(part.file);
        let old = tools::read(&path)?;
        let new = replace(&old, part.name, &(part.text)())
            .map_err(|words| Failure::new(format_args!("{}: {words}", part.file)))?;
        match mode {
            _ if new == old => {}
            Mode::Check => stale.push(format!("{} ({})", part.file, part.name)),
            Mode::Write => std::fs::write(&path, new)
                .map_err(|error| Failure::new(format_args!("{}: {error}", part.file)))?,
        }
    }
    stale.extend(crate::packaging::run(mode)?);
    match stale.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format_args!(
            "out of date: {}; run: cargo xtask gen",
            stale.join(", ")
        ))),
    }
}

const END: &str = "<!-- end generated -->";

/// The document with the text of that part replaced, a blank line before and after it.
pub fn replace(document: &str, name: &str, text: &str) -> std::result::Result<String, String> {
    let start = format!("<!-- generated: {name} -->");
    let Some((before, rest)) = document.split_once(&start) else {
        return Err(format!("no line says {start}"));
    };
    let Some((_, after)) = rest.split_once(END) else {
        return Err(format!("no {END} after {start}"));
    };
    if after.contains(&start) {
        return Err(format!("{start} stands there twice"));
    }
    Ok(format!("{before}{start}\n\n{}\n\n{END}{after}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# A\n<!-- generated: x -->\nold\n<!-- end generated -->\nend\n";

    #[test]
    fn only_what_is_between_the_marks_changes() {
        assert_eq!(
            replace(DOCUMENT, "x", "| new |\n").unwrap(),
            "# A\n<!-- generated: x -->\n\n| new |\n\n<!-- end generated -->\nend\n"
        );
    }

    #[test]
    fn what_is_up_to_date_stays_as_it_is() {
        let once = replace(DOCUMENT, "x", "new").unwrap();
        assert_eq!(replace(&once, "x", "new").unwrap(), once);
    }

    #[test]
    fn each_part_of_a_file_keeps_to_its_own_marks() {
        let two = format!("{DOCUMENT}<!-- generated: y -->\nkept\n<!-- end generated -->\n");
        let new = replace(&two, "x", "new").unwrap();
        assert!(new.contains("kept") && !new.contains("old"));
    }

    #[test]
    fn a_missing_or_doubled_mark_is_an_error_that_names_it() {
        assert!(replace(DOCUMENT, "z", "").unwrap_err().contains("<!-- generated: z -->"));
        assert!(replace("<!-- generated: x -->", "x", "").unwrap_err().contains(END));
        assert!(replace(&DOCUMENT.repeat(2), "x", "").unwrap_err().contains("twice"));
    }

    #[test]
    fn check_and_nothing_else_is_an_option() {
        let parse = |args: &[&str]| Mode::parse(lexopt::Parser::from_args(args));
        assert_eq!(parse(&["--check"]).unwrap(), Mode::Check);
        assert_eq!(parse(&[]).unwrap(), Mode::Write);
        assert!(parse(&["--chek"]).is_err());
    }
}
