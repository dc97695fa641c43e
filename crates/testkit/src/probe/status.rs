//! `probe status`: what was inherited, as read from `/proc/self`. Bytes are given in hex.

use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;

/// Writes a line a fact, then `ready`.
pub fn tell(out: &mut dyn Write) {
    let mut lines = Vec::new();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for key in ["SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd"] {
        let value = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(":\t"));
        lines.push(format!("{key} {}", value.unwrap_or("unknown")));
    }
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let names = ["state", "ppid", "pgrp", "sid", "tty", "foreground"];
    for (name, value) in names.iter().zip(after_name.split(' ')) {
        lines.push(format!("{name} {value}"));
    }
    lines.push(format!("pid {}", std::process::id()));
    lines.extend(descriptors());
    let cwd = fs::read_link("/proc/self/cwd").unwrap_or_default();
    lines.push(format!("cwd {}", hex(cwd.as_os_str().as_bytes())));
    lines.extend(words("arg", "/proc/self/cmdline"));
    lines.extend(words("env", "/proc/self/environ"));
    lines.push("ready".to_string());
    let _ = writeln!(out, "{}", lines.join("\n"));
}

/// The open descriptors; the first that is free is the directory's own while it is read, and the
/// report's file, if it has one, is named too.
fn descriptors() -> Vec<String> {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else { return Vec::new() };
    let links = entries.flatten().filter_map(|entry| {
        let target = fs::read_link(entry.path()).ok()?;
        let number = entry.file_name().into_string().ok()?;
        Some(format!("fd {number} {}", target.display()))
    });
    links.filter(|line| !(line.contains(" /proc/") && line.ends_with("/fd"))).collect()
}

fn words(key: &str, file: &str) -> Vec<String> {
    let mut bytes = fs::read(file).unwrap_or_default();
    if bytes.pop().is_none() {
        return Vec::new();
    }
    bytes.split(|byte| *byte == 0).map(|word| format!("{key} {}", hex(word))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
