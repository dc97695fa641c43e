//! The table of lint's rules in the documentation, made of the rules.

use sexton_lint::rules::RULES;

/// One row a rule, with its page.
pub fn rules() -> String {
    let mut table = String::from("| code | name | level | finds |\n|---|---|---|---|\n");
    for rule in RULES {
        let page = format!("../crates/lint/src/rules/{}.md", rule.name.replace('-', "_"));
        let (code, level) = (rule.code, rule.severity.name());
        table += &format!("| [{code}]({page}) | {} | {level} | {} |\n", rule.name, rule.summary);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_row_with_its_page() {
        let table = rules();
        assert_eq!(table.lines().count(), 2 + RULES.len());
        assert!(table.contains("| [PID101](../crates/lint/src/rules/shell_form_entrypoint.md) |"));
    }
}
