//! Every short input there is, of everything that reads what others write: the same must hold as
//! for the inputs that fuzzing finds (`cargo xtask fuzz`), which are tried here, too.

#[path = "short_inputs/doors.rs"]
mod doors;
#[path = "short_inputs/files.rs"]
mod files;
#[path = "short_inputs/line.rs"]
mod line;
#[path = "short_inputs/spelling.rs"]
mod spelling;
#[path = "short_inputs/store.rs"]
mod store;
#[path = "short_inputs/words.rs"]
mod words;

use std::path::Path;

use line::CommandLine;

/// What has to hold for an input.
type Check = fn(&[u8]);

/// Calls `check` with every text of up to `longest` letters.
fn every_text(alphabet: &[u8], longest: usize, check: Check) -> usize {
    fn longer(text: &mut Vec<u8>, alphabet: &[u8], more: usize, check: Check) -> usize {
        check(text);
        let mut count = 1;
        for letter in alphabet.iter().take(more * alphabet.len()) {
            text.push(*letter);
            count += longer(text, alphabet, more - 1, check);
            text.pop();
        }
        count
    }
    longer(&mut Vec::new(), alphabet, longest, check)
}

fn all_bytes() -> Vec<u8> {
    (0..=u8::MAX).collect()
}

#[test]
fn every_word_of_two_bytes_is_read_as_it_should_be() {
    assert_eq!(every_text(&all_bytes(), 2, words::check), 1 + 256 + 65_536);
}

#[test]
fn every_number_with_whatever_unit_is_the_time_that_it_should_be() {
    every_text(b"04 ms+h", 5, words::check_span);
    // The longest are 2^32 ms: 4,294,967 s, 71,582 min, or 1,193 h.
    let millis = u64::from(u32::MAX);
    for near in [0, 1193, 71_582, 4_294_967, millis] {
        for number in near.saturating_sub(300)..near + 300 {
            for unit in ["", "s", "ms", "m", "h", "d", "S"] {
                words::check_span(format!("{number}{unit}").as_bytes());
            }
        }
    }
}

/// All that differs from a name of a signal in one byte: left out, put in, or another one.
#[test]
fn every_near_miss_of_a_signals_name_is_read_as_it_should_be() {
    let names = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD \
        CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS 32 33 RTMIN RTMAX IOT \
        CLD POLL RTMIN+30 RTMIN+31 RTMAX-30 RTMAX-31 RTMIN+4294967295 RTMAX-4294967295";
    for name in names.split_whitespace() {
        for name in [name.to_owned(), format!("sig{}", name.to_lowercase())] {
            let name = name.as_bytes();
            words::check_signal(name);
            for place in 0..=name.len() {
                let (head, rest) = name.split_at(place);
                for byte in 0..=u8::MAX {
                    words::check_signal(&[head, &[byte], rest].concat());
                    let other = [head, &[byte], rest.get(1..).unwrap_or_default()];
                    words::check_signal(&other.concat());
                }
                words::check_signal(&[head, rest.get(1..).unwrap_or_default()].concat());
            }
        }
    }
    for distance in 0..200 {
        for name in ["RTMIN+", "RTMIN-", "RTMAX+", "RTMAX-", "SIGRTMIN+0"] {
            words::check_signal(format!("{name}{distance}").as_bytes());
        }
    }
}

/// The names that lead to a door each, and the one under which two are mixed.
const NAMES: [&str; 8] =
    ["sexton-init", "docker-init", "tini", "dumb-init", "catatonit", "pause", "my_init", "setuser"];

/// What command lines are made of: every way to be an option, a value or neither; first what
/// changes most.
const WORDS: [&str; 24] = [
    "app",
    "--",
    "-g",
    "-p",
    "TERM",
    "--to",
    "all",
    "--as",
    "tini",
    "-P",
    "-gv",
    "-r",
    "15:3",
    "-h",
    "",
    "-",
    "-pTERM",
    "--to=all",
    "--as=dumb-init",
    "-c",
    "--vers",
    "-e=",
    "--stop-t=1s",
    "-\u{1}",
];

/// What environments are made of.
const ENTRIES: [&str; 12] = [
    "SEXTON_GROUP=1",
    "SEXTON_AS=tini",
    "SEXTON_AS=",
    "SEXTON_REWRITE=TERM:QUIT,HUP:0",
    "SEXTON_ON_EXIT=never",
    "SEXTON_VERBOSE=3",
    "SEXTON_LOG=json",
    "SEXTON_PAUSE=yes",
    "TINI_VERBOSITY=256",
    "DUMB_INIT_SETSID=0",
    "CATATONIT_DEBUG",
    "SEXTON_STOP_DELAY=none",
];

/// Checks a command line by every name, with these words and entries.
fn by_every_name(words: &[&str], entries: &[&str]) {
    let bytes = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect();
    let mut line = CommandLine { words: bytes(words), environment: bytes(entries) };
    line.words.insert(0, Vec::new());
    for name in NAMES {
        line.words[0] = name.as_bytes().to_vec();
        doors::check_line(&line);
    }
}

#[test]
fn every_short_command_line_is_read_by_the_same_rules_behind_every_door() {
    doors::check_line(&CommandLine::default());
    let few = &WORDS[..14];
    for first in WORDS {
        by_every_name(&[first], &[]);
        for second in WORDS {
            by_every_name(&[first, second], &[]);
            for third in few.iter().filter(|_| few.contains(&first) && few.contains(&second)) {
                by_every_name(&[first, second, third], &[]);
            }
        }
    }
}

#[test]
fn every_short_environment_is_read_by_the_same_rules_behind_every_door() {
    for first in ENTRIES {
        for second in ENTRIES {
            by_every_name(&[], &[first, second]);
            for word in ["app", "-P", "--as=tini", "-x"] {
                by_every_name(&[word, "app"], &[first, second]);
            }
        }
    }
}

#[test]
fn every_letter_and_pair_of_letters_is_read_by_the_same_rules_behind_every_door() {
    let letters = b"abceghlpPrsvVwLx-=0\x01\xff";
    for first in letters {
        for second in letters {
            for name in NAMES {
                let word = [b'-', *first, *second].to_vec();
                let words = vec![name.as_bytes().to_vec(), word, b"app".to_vec()];
                doors::check_line(&CommandLine { words, environment: Vec::new() });
            }
        }
    }
}

/// What fuzzing has found worth keeping stays worth trying.
#[test]
fn every_input_of_the_corpus_keeps_the_rules() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let targets: [(&str, Check); 4] = [
        ("doors", doors::check),
        ("words", words::check),
        ("files", files::check),
        ("store", store::check),
    ];
    for (target, check) in targets {
        let folder = std::fs::read_dir(corpus.join(target)).expect(target);
        let inputs = folder.map(|entry| std::fs::read(entry.expect(target).path()).expect(target));
        let count = inputs.inspect(|input| check(input)).count();
        assert!(count > 10, "{target}: {count} inputs");
    }
}

#[test]
fn every_short_file_and_every_short_name_of_a_process_is_taken_for_what_it_is() {
    every_text(&all_bytes(), 2, files::check);
    every_text(b"#!/ \n\0b", 6, files::check);
    every_text(b"() S1\0", 6, |name| files::check(&[b"12345678", name].concat()));
    every_text(b"\0/lib\n", 5, |rest| files::check(&[b"\x7fELF", rest].concat()));
}

#[test]
fn every_short_value_of_a_store_is_written_so_that_it_can_be_read_again() {
    every_text(&all_bytes(), 2, store::check);
    every_text(b"A\r\n'\"", 6, store::check);
    // What begins letters of two, three and four bytes, in whatever order.
    every_text(b"\x80\xbf\xc3\xa9\xe2\xed\xf0\xf4", 5, |value| {
        store::check(&[b"ABC", value].concat());
    });
}

#[test]
fn every_short_file_of_users_says_only_what_stands_in_it() {
    every_text(b"a:1\n,", 7, store::check);
    every_text(b"a:1\n,4", 5, |rest| store::check(&[b"a:x:1", rest].concat()));
}
