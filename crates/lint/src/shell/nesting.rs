//! How deep a script nests, told without recursion: the parser has a stack, and a file that is
//! made to exhaust it must not bring us down.

use brush_parser::Token;

/// Deeper than this no script is that people wrote.
const DEPTH_MAX: usize = 150;

/// At these the parser has more than one way to go on, and tries all of them when something is
/// wrong inside: the time doubles with each. People nest them three or four deep.
const DOUBTFUL: &[&str] = &["(", "((", "case"];
const DOUBTFUL_MAX: usize = 10;

/// Whether the tokenizer may look at the text: it recurses into substitutions.
pub fn text_is_shallow(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut depth, mut deepest, mut backquotes) = (0_usize, 0, 0_usize);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'{' if at > 0 && matches!(bytes[at - 1], b'$' | b'(' | b'{') => depth += 1,
            b'`' => backquotes += 1,
            // What closes may stand in quotes, so a line end closes nothing that is doubtful.
            b')' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest < DEPTH_MAX && backquotes < 10_000
}

/// Whether the parser may look at the tokens: it recurses into compound commands.
pub fn tokens_are_shallow(tokens: &[Token]) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for token in tokens {
        let word = token.to_str();
        let opened_by: &[&str] = match word {
            "(" | "((" | "{" | "if" | "case" | "while" | "until" | "for" | "select" => {
                open.push(word);
                &[]
            }
            ")" => &["("],
            "))" => &["(("],
            "}" => &["{"],
            "fi" => &["if"],
            "esac" => &["case"],
            "done" => &["while", "until", "for", "select"],
            _ => &[],
        };
        // A closing word may be an argument; it then closes nothing that it does not match.
        if open.last().is_some_and(|last| opened_by.contains(last)) {
            open.pop();
        }
        let doubtful = open.iter().filter(|word| DOUBTFUL.contains(word)).count();
        if open.len() > DEPTH_MAX || doubtful > DOUBTFUL_MAX {
            return false;
        }
    }
    true
}
