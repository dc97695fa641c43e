use super::*;

/// What is written of these variables.
fn written(form: Form, entries: &[(&[u8], &[u8])]) -> String {
    let room = entries.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
    // As much as the limit promises, and what a text keeps free.
    let mut buffer = vec![0; GROWTH * room + 16];
    let mut page = Text::new(&mut buffer);
    for (name, value) in entries {
        if form.has(name) {
            form.add(name, value, &mut page);
        }
    }
    form.end(&mut page);
    String::from_utf8_lossy(page.bytes()).into_owned()
}

fn shell(name: &str, value: &str) -> String {
    written(Form::Shell, &[(name.as_bytes(), value.as_bytes())])
}

fn json(value: &[u8]) -> String {
    written(Form::Json, &[(b"A", value)])
}

#[test]
fn a_value_is_text_with_one_line_end_less() {
    for (file, value) in [
        ("", ""),
        ("v", "v"),
        ("v\n", "v"),
        ("v\n\n", "v\n"),
        ("\n", ""),
        ("\n\n", "\n"),
        ("v\r\n", "v"),
        ("v\r", "v"),
        ("\r\n", ""),
        ("\r\r\n", "\n"),
        ("\r\n\r\n", "\n"),
        ("\n\r", "\n"),
        ("a\r\nb\r\n", "a\nb"),
        ("a\rb\r", "a\nb"),
        ("a\r\rb", "a\n\nb"),
        ("v \t", "v \t"),
        ("\u{feff}v", "\u{feff}v"),
    ] {
        let mut bytes = file.as_bytes().to_vec();
        let len = normalise(&mut bytes).unwrap();
        assert_eq!(&bytes[..len], value.as_bytes(), "{file:?}");
    }
    assert_eq!(normalise(&mut b"\xff\x80\n".to_vec()), Some(2));
    for file in ["\0", "a\0b", "ab\0"] {
        assert_eq!(normalise(&mut file.as_bytes().to_vec()), None, "no value holds a NUL");
    }
}

#[test]
fn what_belongs_to_a_user_is_in_the_json_only() {
    for name in ["HOME", "USER", "GROUP", "UID", "GID", "SHELL"] {
        for form in [Form::Files, Form::Shell, Form::Json] {
            assert_eq!(form.has(name.as_bytes()), form == Form::Json, "{name}");
        }
    }
    for name in ["HOM", "HOMES", "home", "USER GROUP", "PWD", "", " "] {
        for form in [Form::Files, Form::Shell, Form::Json] {
            assert!(form.has(name.as_bytes()), "{name}");
        }
    }
    assert!(!Form::Files.has(b"a/b"));
    assert!(Form::Shell.has(b"a/b"));
}

#[test]
fn a_shell_gets_quotes_where_it_needs_them() {
    for (value, word) in [
        ("", "''"),
        ("v", "v"),
        ("azAZ09_", "azAZ09_"),
        ("@%+=:,./-", "@%+=:,./-"),
        ("a b", "'a b'"),
        ("a\nb", "'a\nb'"),
        ("it's", "'it'\"'\"'s'"),
        ("'", "''\"'\"''"),
        ("$HOME", "'$HOME'"),
        ("~", "'~'"),
        ("a\\b", "'a\\b'"),
        ("\"", "'\"'"),
        ("\x7f", "'\x7f'"),
        ("grün", "grün"),
        ("東京", "東京"),
        ("Ελλάδα", "Ελλάδα"),
        ("Привет", "Привет"),
        ("한국어", "한국어"),
        ("١٢", "١٢"),
        ("a – b", "'a – b'"),
        ("→", "'→'"),
        ("€", "'€'"),
        ("„so“", "'„so“'"),
        ("😀", "'😀'"),
        ("\u{a0}", "'\u{a0}'"),
    ] {
        assert_eq!(shell("A", value), format!("export A={word}\n"));
    }
}

#[test]
fn a_byte_that_is_no_letter_comes_to_a_shell_as_it_is() {
    let mut buffer = [0; 64];
    let mut page = Text::new(&mut buffer);
    Form::Shell.add(b"A\xff", b"\xe9t\xe9", &mut page);
    assert_eq!(page.bytes(), b"export A_='\xe9t\xe9'\n");
}

#[test]
fn a_name_is_made_one_of_a_shell() {
    for (name, ours) in [
        ("A_b9", "A_b9"),
        (".gitkeep", "_gitkeep"),
        ("a-b.c d", "a_b_c_d"),
        ("9", "9"),
        ("größe", "größe"),
        ("a→b", "a_b"),
        ("@%+", "___"),
    ] {
        assert_eq!(shell(name, "v"), format!("export {ours}=v\n"));
    }
}

#[test]
fn the_json_is_that_of_python() {
    for (value, string) in [
        ("", ""),
        ("a b/~", "a b/~"),
        ("\"\\", "\\\"\\\\"),
        ("\x08\t\n\x0c\r", "\\b\\t\\n\\f\\r"),
        ("\x01\x0b\x1f\x7f", "\\u0001\\u000b\\u001f\\u007f"),
        ("é", "\\u00e9"),
        ("߿", "\\u07ff"),
        ("ࠀ", "\\u0800"),
        ("€", "\\u20ac"),
        ("\u{d7ff}\u{e000}\u{ffff}", "\\ud7ff\\ue000\\uffff"),
        ("\u{10000}", "\\ud800\\udc00"),
        ("😀", "\\ud83d\\ude00"),
        ("\u{10ffff}", "\\udbff\\udfff"),
    ] {
        assert_eq!(json(value.as_bytes()), format!("{{\"A\": \"{string}\"}}"));
    }
    assert_eq!(written(Form::Json, &[]), "{}");
    let two: &[(&[u8], &[u8])] = &[(b"B\n", b"1"), (b"HOME", b"/")];
    assert_eq!(written(Form::Json, two), "{\"B\\n\": \"1\", \"HOME\": \"/\"}");
}

#[test]
fn a_byte_that_is_no_letter_is_half_a_pair_in_json() {
    for (value, string) in [
        (&b"\x80"[..], "\\udc80"),
        (b"\xff", "\\udcff"),
        (b"\xc3", "\\udcc3"),
        (b"\xc3\xc3\xa9", "\\udcc3\\u00e9"),
        (b"\xe2\x82", "\\udce2\\udc82"),
        (b"\xe2\x82a", "\\udce2\\udc82a"),
        // Longer than need be.
        (b"\xc0\x80", "\\udcc0\\udc80"),
        (b"\xc1\xbf", "\\udcc1\\udcbf"),
        (b"\xe0\x9f\xbf", "\\udce0\\udc9f\\udcbf"),
        (b"\xf0\x8f\xbf\xbf", "\\udcf0\\udc8f\\udcbf\\udcbf"),
        // Halves of pairs, and beyond the last letter.
        (b"\xed\xa0\x80", "\\udced\\udca0\\udc80"),
        (b"\xed\xbf\xbf", "\\udced\\udcbf\\udcbf"),
        (b"\xf4\x90\x80\x80", "\\udcf4\\udc90\\udc80\\udc80"),
        (b"\xf5\x80\x80\x80", "\\udcf5\\udc80\\udc80\\udc80"),
        (b"\xf8\x84\x80\x80\x80", "\\udcf8\\udc84\\udc80\\udc80\\udc80"),
    ] {
        assert_eq!(json(value), format!("{{\"A\": \"{string}\"}}"), "{value:x?}");
    }
}

/// What the standard library takes for a letter, and nothing else, is one.
#[test]
fn letters_are_those_of_utf_8() {
    let mut text = [0; 4];
    for lead in 0..=255 {
        for second in (0..=255).step_by(1) {
            for (third, fourth) in [(0x80, 0x80), (0xbf, 0xbf), (0x7f, 0x80), (0x80, 0xc0)] {
                text = [lead, second, third, fourth];
                let theirs = (1..=4).find_map(|len| {
                    let letter = std::str::from_utf8(&text[..len]).ok()?.chars().next()?;
                    Some((letter.into(), len))
                });
                let ours = letter(&text);
                assert_eq!(ours, theirs.unwrap_or((0xdc00 | u32::from(lead), 1)), "{text:x?}");
            }
        }
    }
    assert_eq!(letter(&text[..0]).1, 1);
}

/// The limit for what is made of an environment, on which the memory for it relies.
#[test]
fn no_entry_grows_more_than_the_limit_says() {
    for byte in 0..=255_u8 {
        for (name, value) in [(1, 0), (1, 1), (4, 0), (1, 9), (5, 5)] {
            let (name, value) = (vec![byte; name], vec![byte; value]);
            let own = name.len() + value.len() + 2;
            for form in [Form::Shell, Form::Json] {
                let mut buffer = vec![0; 4096];
                let mut page = Text::new(&mut buffer);
                form.add(b"A", b"", &mut page);
                let before = page.len();
                form.add(&name, &value, &mut page);
                assert!(page.len() - before <= GROWTH * own, "{byte} {form:?}");
            }
        }
    }
}
