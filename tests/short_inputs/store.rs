//! What stands in an environment store, and what is written of it; and the entries of
//! `/etc/passwd` and `/etc/group`.

use sexton_core::accounts::{Account, Called, File};
use sexton_core::store::{Form, GROWTH, normalise};
use sexton_core::text::Text;

/// What has to hold for these bytes: as the file of a variable, as a value with a name before it,
/// and as a file of users or groups.
pub fn check(bytes: &[u8]) {
    check_file(bytes);
    let (name, value) = bytes.split_at(bytes.len().min(3));
    if !bytes.contains(&0) && !name.contains(&b'=') {
        check_written(name, value);
        check_written(value, name);
    }
    check_accounts(bytes);
}

/// Line ends are those of Python's text files, and the last one is no part of the value.
fn check_file(bytes: &[u8]) {
    let mut text = bytes.to_vec();
    let Some(len) = normalise(&mut text) else {
        return assert!(bytes.contains(&0), "refused: {bytes:?}");
    };
    let mut expected = Vec::new();
    for (place, byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' => expected.push(b'\n'),
            b'\n' if place > 0 && bytes[place - 1] == b'\r' => {}
            byte => expected.push(*byte),
        }
    }
    let expected = expected.strip_suffix(b"\n").unwrap_or(&expected);
    assert_eq!((&text[..len], bytes.contains(&0)), (expected, false), "{bytes:?}");
}

/// What is written can be read again, and is no longer than there is room for.
fn check_written(name: &[u8], value: &[u8]) {
    let written = |form: Form| {
        let mut room = vec![0; 64 + 2 * GROWTH * (name.len() + value.len() + 32)];
        let mut page = Text::new(&mut room);
        form.add(name, value, &mut page);
        let shell = page.len();
        form.add(b"B", b"", &mut page);
        form.end(&mut page);
        let page = page.into_bytes().to_vec();
        (page[..shell].to_vec(), page)
    };
    let (line, _) = written(Form::Shell);
    let rest = line.strip_prefix(b"export ").expect("a line of a shell's");
    let (theirs, quoted) = rest.split_at(rest.iter().position(|byte| *byte == b'=').expect("="));
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    assert!(theirs.iter().all(plain), "{name:?} is {theirs:?}");
    let quoted = quoted[1..].strip_suffix(b"\n").expect("the end of a line");
    assert_eq!(unquoted(quoted).as_deref(), Some(value), "{value:?} is {quoted:?}");
    let (_, object) = written(Form::Json);
    let rest = object.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(br#", "B": ""}"#));
    let rest = rest.unwrap_or_else(|| panic!("{object:?}"));
    assert!(rest.is_ascii(), "{object:?}");
    let (read_name, rest) = string(rest);
    let (read_value, rest) = string(rest.strip_prefix(b": ").expect("a value"));
    assert!(rest.is_empty(), "{object:?}");
    assert_eq!((read_name, read_value), (name.to_vec(), value.to_vec()), "{object:?}");
}

/// What a shell makes of a word: `None` if it would not take it for one word without expansions.
fn unquoted(mut word: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    if !word.starts_with(b"'") {
        let is_safe = |byte: &u8| {
            byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(byte) || !byte.is_ascii()
        };
        return (!word.is_empty() && word.iter().all(is_safe)).then(|| word.to_vec());
    }
    while let [quote @ (b'\'' | b'"'), rest @ ..] = word {
        let end = rest.iter().position(|byte| byte == quote)?;
        if *quote == b'"' && rest[..end].iter().any(|byte| b"$`\\!".contains(byte)) {
            return None;
        }
        text.extend_from_slice(&rest[..end]);
        word = &rest[end + 1..];
    }
    word.is_empty().then_some(text)
}

/// A string of JSON as Python writes it, back in bytes, and what follows it.
fn string(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut rest = text.strip_prefix(b"\"").unwrap_or_else(|| panic!("no string: {text:?}"));
    let mut bytes = Vec::new();
    let mut high = 0;
    loop {
        let (code, left) = match rest {
            [b'"', left @ ..] => return (bytes, left),
            [b'\\', b'u', a, b, c, d, left @ ..] => {
                let digits = [*a, *b, *c, *d].map(char::from).iter().collect::<String>();
                assert!(!digits.contains(char::is_uppercase), "{digits}");
                (u32::from_str_radix(&digits, 16).expect("four digits"), left)
            }
            [b'\\', letter, left @ ..] => {
                let place = b"\"\\btnfr".iter().position(|one| one == letter).expect("an escape");
                (u32::from(b"\"\\\x08\t\n\x0c\r"[place]), left)
            }
            [byte @ b' '..=b'~', left @ ..] => (u32::from(*byte), left),
            _ => panic!("no end: {text:?}"),
        };
        rest = left;
        match code {
            0xd800..0xdc00 => high = code,
            // What is no UTF-8 stands for itself.
            0xdc80..0xdd00 if high == 0 => bytes.push((code - 0xdc00) as u8),
            _ => {
                let code = match high {
                    0 => code,
                    high => 0x1_0000 + ((high - 0xd800) << 10 | (code - 0xdc00)),
                };
                let letter = char::from_u32(code).unwrap_or_else(|| panic!("{code:x}: {text:?}"));
                bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                high = 0;
            }
        }
    }
}

/// Who is found stands there.
fn check_accounts(bytes: &[u8]) {
    let lines = || bytes.split(|byte| *byte == b'\n');
    let fields = |line: &[u8]| -> Vec<Vec<u8>> {
        line.split(|byte| *byte == b':').map(<[u8]>::to_vec).collect()
    };
    let number = |field: Option<&Vec<u8>>| {
        let text = std::str::from_utf8(field?).ok()?;
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok())?
    };
    let word = fields(bytes).swap_remove(0);
    let mut account = Account::new(7);
    account.begin(File::Passwd, Some(&word), Called::ByName);
    bytes.iter().for_each(|byte| account.read(*byte));
    if account.end().is_none() {
        let found = lines().map(fields).any(|line| {
            line.first() == Some(&word)
                && number(line.get(2)) == Some(account.user())
                && number(line.get(3)) == Some(account.group())
        });
        assert!(found, "{word:?} is not in {bytes:?}");
        assert!(account.user() != u32::MAX && account.group() != u32::MAX, "{bytes:?}");
    }
    account.begin(File::Group, None, Called::ByNumber);
    bytes.iter().for_each(|byte| account.read(*byte));
    let told = account.end().is_none();
    for group in account.groups().iter().skip(1).take(if told { usize::MAX } else { 0 }) {
        let there = |line: Vec<Vec<u8>>| number(line.get(2)) == Some(*group);
        assert!(lines().map(fields).any(there), "{group} is not in {bytes:?}");
    }
}
