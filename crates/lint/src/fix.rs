//! Putting things right by edits of the text. Only what a rule wants changed is changed: comments,
//! layout and line ends stay.

use crate::source::Place;

/// Edits that belong together.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What they do, in a few words.
    pub words: &'static str,
    /// The edits.
    pub edits: Vec<Edit>,
}

/// One change.
#[derive(Debug, Clone)]
pub struct Edit {
    /// What is taken out; empty where something is only put in.
    pub place: Place,
    /// What is put in.
    pub text: String,
}

impl Fix {
    /// Puts a text before a place.
    pub fn insert(words: &'static str, place: &Place, text: impl Into<String>) -> Fix {
        let start = place.span.start;
        let place = Place::new(&place.source, start..start);
        Fix { words, edits: vec![Edit { place, text: text.into() }] }
    }

    /// Puts a text in the place of another.
    pub fn replace(words: &'static str, place: &Place, text: impl Into<String>) -> Fix {
        Fix { words, edits: vec![Edit { place: place.clone(), text: text.into() }] }
    }
}

/// A text with all fixes done that do not touch each other, and how many those are.
pub fn apply<'f>(text: &str, fixes: impl IntoIterator<Item = &'f Fix>) -> (String, usize) {
    let mut done: Vec<&Edit> = Vec::new();
    let mut count = 0;
    for fix in fixes {
        let fits = fix.edits.iter().all(|edit| {
            let span = &edit.place.span;
            text.get(span.clone()).is_some() && !done.iter().any(|other| touch(other, edit))
        });
        if fits && !fix.edits.is_empty() {
            done.extend(&fix.edits);
            count += 1;
        }
    }
    done.sort_by_key(|edit| edit.place.span.start);
    let mut result = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in done {
        result.push_str(&text[at..edit.place.span.start]);
        result.push_str(&edit.text);
        at = edit.place.span.end;
    }
    result.push_str(&text[at..]);
    (result, count)
}

fn touch(one: &Edit, other: &Edit) -> bool {
    let (a, b) = (&one.place.span, &other.place.span);
    a.start <= b.end && b.start <= a.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn edits_that_touch_each_other_wait_for_the_next_run() {
        let source = Source::new("a", "one two three");
        let replace = |start, end, text: &str| {
            Fix::replace("", &Place::new(&source, start..end), text.to_owned())
        };
        let (first, second, third) = (replace(0, 3, "1"), replace(2, 7, "x"), replace(8, 13, "3"));
        let (text, count) = apply(&source.text, [&first, &second, &third]);
        assert_eq!((text.as_str(), count), ("1 two 3", 2));
    }
}
