//! Durations as the formats write them.

/// `10s`, `1m30s`, `1.5h`, `500ms`, or a bare number of seconds; rounded up.
pub fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let unit = &rest[end..];
        let length = unit.find(|char: char| char.is_ascii_digit()).unwrap_or(unit.len());
        let factor = match &unit[..length] {
            "ms" => 0.001,
            "us" | "µs" | "ns" => 0.0,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        total += number * factor;
        rest = &unit[length..];
    }
    (!text.is_empty()).then_some(total.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_duration_is_read() {
        for (text, expected) in [
            ("10", Some(10)),
            ("10s", Some(10)),
            ("1m30s", Some(90)),
            ("1.5h", Some(5400)),
            ("500ms", Some(1)),
            ("", None),
            ("s", None),
            ("5 minutes", None),
        ] {
            assert_eq!(seconds(text), expected, "{text:?}");
        }
    }
}
