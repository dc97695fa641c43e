//! What `--fix` would change.

use similar::TextDiff;

/// A unified diff, as patch(1) and git read it; empty if nothing changes.
pub fn render(name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let diff = TextDiff::from_lines(old, new);
    diff.unified_diff()
        .context_radius(3)
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string()
}
