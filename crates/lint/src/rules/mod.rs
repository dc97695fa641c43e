//! The rules: one file and one page each. The page is the test: its *Example* blocks have to be
//! found by the rule, its *Use instead* blocks by none.

use crate::container::Container;
use crate::finding::{Finding, Severity};

mod common;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// `PID101`
    pub code: &'static str,
    /// Named for what is wrong: `shell-form-entrypoint`.
    pub name: &'static str,
    /// How bad it is, unless the finding says otherwise.
    pub severity: Severity,
    /// The first version that has it.
    pub since: &'static str,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// The whole page, in Markdown.
    pub page: &'static str,
    /// Looks at one container.
    pub check: fn(&Container, &mut Vec<Finding>),
}

macro_rules! rules {
    ($($module:ident)*) => {
        $(mod $module;)*

        /// All of them, by their codes.
        pub const RULES: &[&Rule] = &[$(&$module::RULE),*];
    };
}

rules! {
    shell_form_entrypoint
    shell_form_command
    shell_wrapper
    broken_exec_form
    ignored_command
    package_manager_launcher
    placeholder_command
    shell_as_supervisor
    strays_without_init
    deaf_runtime
    unusable_stop_signal
    mismatched_stop_signal
    init_before_shell
    init_not_first
    daemonizing_server
    parent_that_switches_user
    root_user
    piped_healthcheck
    script_without_exec
    useless_exec
    deferred_trap
    lost_trap
    trap_without_wait
    single_wait
    service_without_init
    host_pid_service
    init_over_init
    short_grace_service
    no_pids_limit
    shell_wrapper_in_pod
    host_pid_pod
    host_pid_and_shared
    shared_pid_with_plain_init
    short_grace_pod
    no_grace
    shell_probe
    unusable_stop_signal_in_pod
    kill_in_pre_stop
    shell_sidecar
}

/// The rule of that code or name.
pub fn find(name: &str) -> Option<&'static Rule> {
    let same = |rule: &&&Rule| rule.name == name || rule.code.eq_ignore_ascii_case(name);
    RULES.iter().find(same).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_names_are_unique() {
        assert!(RULES.is_sorted_by(|a, b| a.code < b.code));
        let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }

    #[test]
    fn a_rule_is_found_by_code_and_by_name() {
        assert_eq!(find("pid101").unwrap().name, "shell-form-entrypoint");
        assert_eq!(find("shell-wrapper").unwrap().code, "PID103");
        assert!(find("PID999").is_none());
    }
}
