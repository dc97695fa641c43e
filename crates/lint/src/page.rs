//! Pages in Markdown: those of the rules, whose code blocks are tests, and those on topics.

/// A code block of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The heading it stands under.
    pub section: String,
    /// The word after the fence.
    pub language: String,
    /// The text between the fences.
    pub text: String,
}

/// The code blocks of a page, in order.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut section = String::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                let language = language.trim().to_owned();
                open = Some(Block { section: section.clone(), language, text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {
                if let Some(heading) = line.strip_prefix("## ") {
                    section = heading.trim().to_owned();
                }
            }
        }
    }
    blocks
}

/// The first line, without its mark.
pub fn title(page: &str) -> &str {
    page.lines().next().unwrap_or("").trim_start_matches("# ").trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_belongs_to_the_heading_above_it() {
        let page =
            "# T\n## Example\n```sh\na\n```\ntext\n## Use instead\n```dockerfile\nb\nc\n```\n";
        let blocks = blocks(page);
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0].section, "Example");
        assert_eq!(
            (blocks[1].language.as_str(), blocks[1].text.as_str()),
            ("dockerfile", "b\nc\n")
        );
        assert_eq!(title(page), "T");
    }
}
