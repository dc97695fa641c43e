//! What `sexton explain TOPIC` shows: one page each.

/// A page on a topic.
#[derive(Debug)]
pub struct Topic {
    /// What it is called on the command line.
    pub name: &'static str,
    /// The page, in Markdown.
    pub page: &'static str,
}

macro_rules! topics {
    ($($name:literal)*) => {
        /// All of them, the one to read first in front.
        pub const TOPICS: &[Topic] = &[
            $(Topic { name: $name, page: include_str!(concat!("topics/", $name, ".md")) }),*
        ];
    };
}

topics! {
    "sigterm" "zombies" "shell-form" "exec" "docker-stop" "kubernetes-grace" "pid-host"
    "subreaper" "exit-codes"
}

/// The page on that topic.
pub fn find(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name.eq_ignore_ascii_case(name))
}
