//! How the init is linked: static, without libc, by a layout of our own.

use std::path::Path;

fn main() {
    let script =
        Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("init.ld");
    println!("cargo:rerun-if-changed=init.ld");
    println!("cargo:rerun-if-changed=build.rs");
    for flag in [
        // No start files and no libraries of the system: the entry point is ours, and everything
        // that the compiler wants to call is in src/init/sys/memory.rs.
        "-nostartfiles",
        "-nostdlib",
        "-static",
        // rustc asks for -pie; the later word wins. Without it there is nothing to relocate, and
        // so nothing to do before the first system call.
        "-no-pie",
        // Not `_start`: on musl targets rustc links a crt1.o that has one whatever we say here.
        "-Wl,--entry=sexton_start",
        // Nothing that only debuggers and unwinders read.
        "-Wl,--build-id=none",
        "-Wl,--no-eh-frame-hdr",
        // There is no relocated data to protect.
        "-Wl,-z,norelro",
    ] {
        println!("cargo:rustc-link-arg-bins={flag}");
    }
    println!("cargo:rustc-link-arg-bins=-Wl,-T,{}", script.display());
}
