//! The environment store: `/etc/container_environment`, its dumps, and what is in them.

use crate::{Story, by_all, run};
use sexton_testkit::{Exam, Image};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

const QUIETLY: &[&str] = &["--quiet", "--skip-runit"];
const SH: &str = "etc/container_environment.sh";
const JSON: &str = "etc/container_environment.json";

/// What this script of the main command has said.
fn seen(exam: &Exam, image: &mut Image, script: &str) -> Vec<String> {
    let story = run(exam, image, QUIETLY, &["sh", "-c", script]);
    assert_eq!(story.code, 0, "{story:#?}");
    story.lines
}

/// Both dumps, without the switch that only one of those who are asked has been given.
fn dumps(image: &Image) -> (String, String) {
    let shell = image.text(SH).replace("export SEXTON_STRICT=1\n", "");
    let strict = "\"SEXTON_STRICT\": \"1\"";
    let json = image.text(JSON).replace(&format!("{strict}, "), "");
    (shell, json.replace(&format!(", {strict}"), ""))
}

#[test]
fn without_a_store_nothing_is_changed_and_nothing_is_dumped() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("FOO", "bar");
        image.script("etc/my_init.d/10", "echo '# ten'");
        assert_eq!(seen(exam, &mut image, "echo \"# $HOME $FOO\""), ["# ten", "# /root bar"]);
        assert!(!image.has(SH) && !image.has(JSON) && !image.has("etc/container_environment"));
    });
}

#[test]
fn what_is_in_the_environment_already_wins_at_the_start() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("A", "from-dir");
        image.store("B", "from-dir");
        image.env("B", "from-docker");
        let line = seen(exam, &mut image, "echo \"# $A $B\"");
        assert_eq!(line, ["# from-dir from-docker"]);
        assert_eq!(image.text("etc/container_environment/B"), "from-docker");
    });
}

/// Shown with a `~` for each line feed.
fn values(exam: &Exam, files: &[(&str, &[u8])]) -> Vec<String> {
    let mut image = Image::new();
    for (name, value) in files {
        image.store(name, value);
    }
    let show = |(name, _): &(&str, _)| format!("printf '[%s]' \"${name}\" | tr '\\n' '~'; echo");
    let script = Vec::from_iter(files.iter().map(show)).join("; ");
    seen(exam, &mut image, &script)
}

#[test]
fn one_line_feed_is_taken_off_the_end() {
    by_all(|exam| {
        let files: [(&str, &[u8]); 5] =
            [("A", b"v"), ("B", b"v\n"), ("C", b"v\n\n"), ("D", b"\n"), ("E", b"")];
        assert_eq!(values(exam, &files), ["[v]", "[v]", "[v~]", "[]", "[]"]);
    });
}

/// Python's text mode.
#[test]
fn all_kinds_of_line_ends_are_line_feeds() {
    by_all(|exam| {
        let files: [(&str, &[u8]); 6] = [
            ("A", b"v\r\n"),
            ("B", b"a\r\nb\r\n"),
            ("C", b"a\rb\r"),
            ("D", b"\r"),
            ("E", b"a\r\r\nb\r\n\r\n"),
            ("F", b"a\n\rb"),
        ];
        let expected = ["[v]", "[a~b]", "[a~b]", "[]", "[a~~b~]", "[a~~b]"];
        assert_eq!(values(exam, &files), expected);
    });
}

#[test]
fn every_file_is_a_variable_also_hidden_ones_and_links() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store(".gitkeep", "");
        image.file("mnt/target", "linked\n");
        let link = image.path("etc/container_environment/LINK");
        std::os::unix::fs::symlink("/mnt/target", link).expect("a link");
        let story = run(exam, &mut image, QUIETLY, &["env"]);
        let last = story.lines.len() - 2;
        assert_eq!(story.lines[last..], [".gitkeep=", "LINK=linked"]);
    });
}

/// Each kind of value, in the order in which they are passed; then those of the store, sorted.
#[test]
fn the_dumps_at_the_start_have_everything_in_its_place() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env_remove("PATH");
        image.env_remove("HOME");
        image.env_remove("LC_ALL");
        for (name, value) in [
            ("ZZ", "last"),
            ("HOME", "/root"),
            ("USER", "u"),
            ("GROUP", "g"),
            ("UID", "0"),
            ("GID", "1"),
            ("SHELL", "/bin/sh"),
            ("PATH", "/usr/bin:/bin"),
            ("LC_ALL", "C.UTF-8"),
            ("EMPTY", ""),
            ("SAFE", "aZ_09@%+=:,./-"),
            ("BLANK", "a b"),
            ("QUOTE", "it's"),
            ("QUOTES", "''"),
            ("DOLLAR", "$x"),
            ("LINES", "a\nb\n"),
            ("with-dash.and dot", "x"),
        ] {
            image.env(name, value);
        }
        image.store("b", "two\n");
        image.store("a", "one");
        image.store("B", "three");
        assert_eq!(seen(exam, &mut image, "true"), [""; 0]);
        let (shell, json) = dumps(&image);
        let expected = "export ZZ=last\nexport PATH=/usr/bin:/bin\nexport LC_ALL=C.UTF-8\n\
             export EMPTY=''\nexport SAFE=aZ_09@%+=:,./-\nexport BLANK='a b'\n\
             export QUOTE='it'\"'\"'s'\nexport QUOTES=''\"'\"''\"'\"''\nexport DOLLAR='$x'\n\
             export LINES='a\nb\n'\nexport with_dash_and_dot=x\n\
             export B=three\nexport a=one\nexport b=two\n";
        assert_eq!(shell, expected);
        let expected = "{\"ZZ\": \"last\", \"HOME\": \"/root\", \"USER\": \"u\", \"GROUP\": \"g\", \
             \"UID\": \"0\", \"GID\": \"1\", \"SHELL\": \"/bin/sh\", \"PATH\": \"/usr/bin:/bin\", \
             \"LC_ALL\": \"C.UTF-8\", \"EMPTY\": \"\", \"SAFE\": \"aZ_09@%+=:,./-\", \
             \"BLANK\": \"a b\", \"QUOTE\": \"it's\", \"QUOTES\": \"''\", \"DOLLAR\": \"$x\", \
             \"LINES\": \"a\\nb\\n\", \"with-dash.and dot\": \"x\", \
             \"B\": \"three\", \"a\": \"one\", \"b\": \"two\"}";
        assert_eq!(json, expected);
        for (name, value) in [
            ("ZZ", "last"),
            ("EMPTY", ""),
            ("LINES", "a\nb\n"),
            ("with-dash.and dot", "x"),
            ("b", "two"),
            ("a", "one"),
        ] {
            assert_eq!(image.text(&format!("etc/container_environment/{name}")), value, "{name}");
        }
        for left_out in ["HOME", "USER", "GROUP", "UID", "GID", "SHELL"] {
            assert!(!image.has(&format!("etc/container_environment/{left_out}")), "{left_out}");
        }
    });
}

#[test]
fn the_json_is_ascii() {
    by_all(|exam| {
        let mut image = Image::new();
        for name in ["PATH", "HOME"] {
            image.env_remove(name);
        }
        image.store("A", "\u{e9}\u{20ac}\u{ffff}");
        image.store("B", "\u{1f600}\u{10ffff}");
        image.store("C", "\u{1}\u{1f}\u{7f}\u{80}");
        image.store("D", "\t\n\u{8}\u{c}\\\"/x");
        image.store("\u{e9}", "name");
        assert_eq!(seen(exam, &mut image, "true"), [""; 0]);
        let expected = "{\"LC_ALL\": \"C.UTF-8\", \"A\": \"\\u00e9\\u20ac\\uffff\", \
             \"B\": \"\\ud83d\\ude00\\udbff\\udfff\", \"C\": \"\\u0001\\u001f\\u007f\\u0080\", \
             \"D\": \"\\t\\n\\b\\f\\\\\\\"/x\", \"\\u00e9\": \"name\"}";
        assert_eq!(dumps(&image).1, expected);
    });
}

/// Python's `\w` knows the letters and digits of all languages.
#[test]
fn letters_of_all_languages_need_no_quotes_in_the_shell_dump() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env_remove("HOME");
        image.store("A", "caf\u{e9}");
        image.store("B", "\u{65e5}\u{672c}\u{8a9e}");
        image.store("C", "\u{436}\u{3b1}\u{5d0}\u{661}");
        image.store("D", "10 \u{20ac}");
        image.store("E", "\u{20ac}");
        image.store("F", "\u{2014}");
        image.store("G", "\u{1f600}");
        image.store("na\u{ef}ve-\u{20ac}", "x");
        assert_eq!(seen(exam, &mut image, "true"), [""; 0]);
        let shell = dumps(&image).0;
        let lines =
            Vec::from_iter(shell.lines().filter(|line| {
                !line.starts_with("export PATH") && !line.starts_with("export LC_ALL")
            }));
        let expected = [
            "export A=caf\u{e9}",
            "export B=\u{65e5}\u{672c}\u{8a9e}",
            "export C=\u{436}\u{3b1}\u{5d0}\u{661}",
            "export D='10 \u{20ac}'",
            "export E='\u{20ac}'",
            "export F='\u{2014}'",
            "export G='\u{1f600}'",
            "export na\u{ef}ve__=x",
        ];
        assert_eq!(lines, expected);
    });
}

/// Where a script begins and ends is not known letter by letter; to a shell it is the same.
#[test]
fn some_quotes_in_the_shell_dump_are_put_otherwise() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("A", "3\u{d7}4");
        image.store("B", "\u{bd}");
        let show =
            "[ \"$A$B\" = \"$(. /etc/container_environment.sh; echo \"$A$B\")\" ] && echo same";
        assert_eq!(seen(exam, &mut image, show), ["same"]);
        let shell = dumps(&image).0;
        let theirs = "export A='3\u{d7}4'\nexport B=\u{bd}\n";
        let ours = "export A=3\u{d7}4\nexport B='\u{bd}'\n";
        assert!(shell.ends_with(exam.deviates("scripts", theirs, ours)), "{shell}");
    });
}

#[test]
fn dumps_that_are_there_keep_their_owner_and_mode() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("A", "x");
        let old =
            "old, and longer than the new text will be, so that it has to be cut\n".repeat(50);
        for dump in [SH, JSON] {
            image.put(dump, old.as_bytes(), 0o640);
            let _ = std::os::unix::fs::chown(image.path(dump), None, Some(8377)); // Root only.
        }
        let before = [SH, JSON].map(|dump| image.path(dump).metadata().expect("it is there"));
        assert_eq!(seen(exam, &mut image, "true"), [""; 0]);
        let after = [SH, JSON].map(|dump| image.path(dump).metadata().expect("it is there"));
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(after.ino(), before.ino());
            assert_eq!((after.mode(), after.gid()), (before.mode(), before.gid()));
        }
        assert!(!image.text(SH).contains("old") && !image.text(JSON).contains("old"));
    });
}

#[test]
fn dumps_that_are_not_there_are_made_as_the_umask_says() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("A", "x");
        image.env("NEW", "y");
        assert_eq!(seen(exam, &mut image, "true"), [""; 0]);
        for made in [SH, JSON, "etc/container_environment/NEW"] {
            let metadata = image.path(made).metadata().expect("it is there");
            assert_eq!(metadata.permissions().mode() & 0o7777, 0o644, "{made}");
        }
        let mut image = Image::new();
        image.store("A", "x");
        image.umask("077");
        assert_eq!(seen(exam, &mut image, "true"), [""; 0]);
        let metadata = image.path(SH).metadata().expect("it is there");
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o600);
    });
}

#[test]
fn after_each_startup_file_the_environment_is_what_the_store_says() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("CH", "old");
        image.store("DEL", "x");
        let change = "cd /etc/container_environment; echo n > NEW; echo new > CH; rm DEL";
        image.script("etc/my_init.d/10", change);
        let show = "echo \"# NEW=$NEW CH=$CH DEL=${DEL-unset}\"";
        image.script("etc/my_init.d/20", show);
        let expected = ["# NEW=n CH=new DEL=unset"; 2];
        assert_eq!(seen(exam, &mut image, show), expected);
    });
}

#[test]
fn rc_local_may_write_to_the_store_too() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("A", "x");
        image.script("etc/rc.local", "echo late > /etc/container_environment/B");
        assert_eq!(seen(exam, &mut image, "echo \"# $B\""), ["# late"]);
    });
}

#[test]
fn home_user_and_shell_are_gone_after_the_first_startup_file() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env("USER", "u");
        image.store("A", "x");
        let show = "echo \"# HOME=${HOME-unset} USER=${USER-unset}\"";
        image.script("etc/my_init.d/10", show);
        image.script("etc/my_init.d/20", show);
        let gone = "# HOME=unset USER=unset";
        assert_eq!(seen(exam, &mut image, show), ["# HOME=/root USER=u", gone, gone]);
    });
}

#[test]
fn home_in_the_store_survives_and_is_in_the_json_alone() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("HOME", "/srv\n");
        image.script("etc/my_init.d/10", "echo \"# $HOME\"");
        assert_eq!(seen(exam, &mut image, "echo \"# $HOME\""), ["# /root", "# /srv"]);
        let (shell, json) = dumps(&image);
        assert!(!shell.contains("HOME"), "{shell}");
        assert!(json.contains("\"HOME\": \"/srv\""), "{json}");
    });
}

/// Then they are sorted, as everything comes from the store.
#[test]
fn after_a_startup_file_the_dumps_are_written_and_the_store_is_not() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env_remove("PATH");
        image.store("PATH", "/usr/bin:/bin");
        image.store("B", "x");
        // The line feed would be gone if this were written back.
        let add = "printf 'v\\n\\n' > /etc/container_environment/A";
        image.script("etc/my_init.d/10", add);
        assert_eq!(seen(exam, &mut image, "true"), [""; 0]);
        assert_eq!(image.text("etc/container_environment/A"), "v\n\n");
        let (shell, json) = dumps(&image);
        let expected = "export A='v\n'\nexport B=x\nexport LC_ALL=C.UTF-8\n\
                        export PATH=/usr/bin:/bin\n";
        assert_eq!(shell, expected);
        let expected = "{\"A\": \"v\\n\", \"B\": \"x\", \"LC_ALL\": \"C.UTF-8\", \
                        \"PATH\": \"/usr/bin:/bin\"}";
        assert_eq!(json, expected);
    });
}

#[test]
fn a_value_that_ends_with_a_line_feed_loses_it_when_it_is_read_again() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("A", "");
        image.env("X", "x\n");
        let show = "printf '[%s]' \"$X\" | tr '\\n' '~'; echo";
        image.script("etc/my_init.d/10", show);
        assert_eq!(seen(exam, &mut image, show), ["[x~]", "[x]"]);
    });
}

#[test]
fn without_startup_files_home_is_kept() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("A", "x");
        let options = ["--quiet", "--skip-runit", "--skip-startup-files"];
        run(exam, &mut image, &options, &["sh", "-c", "echo \"# $HOME\""]).is(0, &["# /root"]);
    });
}

/// PEP 538.
#[test]
fn no_locale_is_invented() {
    by_all(|exam| {
        let mut image = Image::new();
        image.env_remove("LC_ALL");
        image.store("A", "x");
        let shown = seen(exam, &mut image, "echo \"${LC_CTYPE-unset}\"");
        assert_eq!(shown, [exam.deviates("locale", "C.UTF-8", "unset")]);
        let dumped = image.text(SH).contains("LC_CTYPE");
        assert_eq!(dumped, exam.deviates("locale", true, false));
    });
}

/// An empty value is a value, and a store with nothing in it is one, too.
#[test]
fn an_empty_store_is_filled_with_the_environment() {
    by_all(|exam| {
        let mut image = Image::new();
        image.folder("etc/container_environment");
        image.env("A", "x");
        assert_eq!(seen(exam, &mut image, "echo \"# $A\""), ["# x"]);
        assert_eq!(image.text("etc/container_environment/A"), "x");
    });
}

/// The store of the image is 0700 root.
#[test]
fn a_store_that_is_a_link_is_followed() {
    by_all(|exam| {
        let mut image = Image::new();
        image.file("mnt/store/A", "x\n");
        let link = image.path("etc/container_environment");
        std::os::unix::fs::symlink("/mnt/store", link).expect("a link");
        assert_eq!(seen(exam, &mut image, "echo \"# $A\""), ["# x"]);
        assert!(image.has(SH));
    });
}

/// 200 variables of 5 KiB, dumped and read again.
#[test]
fn a_megabyte_of_environment_is_passed_on() {
    by_all(|exam| {
        let mut image = Image::new();
        for number in 0..200 {
            image.store(format!("V{number:03}"), "x".repeat(5000));
        }
        image.script("etc/my_init.d/10", "");
        let script = "env | grep -c '^V...=x*$'; echo ${#V199}";
        assert_eq!(seen(exam, &mut image, script), ["200", "5000"]);
        assert_eq!(image.text(SH).lines().filter(|line| line.starts_with("export V")).count(), 200);
    });
}

#[test]
fn the_order_in_the_commands_environment_is_that_of_the_dumps() {
    by_all(|exam| {
        let mut image = Image::new();
        image.store("b", "2");
        image.store("a", "1");
        let story: Story = run(exam, &mut image, QUIETLY, &["env"]);
        let names = |lines: Vec<&str>| {
            let name = |line: &str| line.split('=').next().map(str::to_owned);
            Vec::from_iter(
                lines.into_iter().filter_map(name).filter(|name| name != "SEXTON_STRICT"),
            )
        };
        let lines = story.lines.iter().map(String::as_str).collect();
        assert_eq!(names(lines), ["PATH", "HOME", "LC_ALL", "a", "b"]);
    });
}
