//! How large images use it: secrets are made at the first start, services are run by `setuser`
//! with what the store says, and hooks flush before the stop and say when they could not.

use crate::{Story, by_all, is_original, start};
use sexton_testkit::{Exam, Image, eventually, init_path, libc, program, real_root};
use std::os::unix::fs::symlink;

/// The site is closed, one service is stopped before the others, and what is left is flushed.
fn image(exam: &Exam, flush: &str) -> Image {
    let image = Image::new();
    let users = "root:x:0:0::/root:/bin/sh\nwww:x:4242:4243::/var/www:/bin/sh\n";
    image.file("etc/passwd", users);
    image.file("etc/group", "root:x:0:\nwww:x:4243:\nshared:x:4244:www\n");
    match is_original(exam) {
        // In place of the Python program: it is not asked here.
        true => {
            let words = "exec env USER=www HOME=/var/www UID=4242 \
                 setpriv --reuid 4242 --regid 4243 --init-groups \"$@\"";
            image.script("usr/sbin/setuser", &format!("shift; {words}"));
        }
        false => symlink(init_path(), image.path("usr/sbin/setuser")).expect("a link"),
    }
    image.store("SITE", "example\n");
    let secret = "store=/etc/container_environment
        bytes() { head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \\n'; }
        [ -e $store/SECRET ] || bytes > $store/SECRET
        chmod 600 $store/SECRET";
    image.script("etc/my_init.d/00_secrets.sh", secret);
    let check = ". /etc/container_environment.sh; [ ${#SECRET} = 64 ] || exit 1
        echo \"$SECRET\" > /mnt/secret";
    image.script("etc/my_init.d/10_check.sh", check);
    let web = "trap 'echo \"# web closes\"; exit 0' TERM
        echo \"# web $(id -u) $(id -G) $USER $HOME $SITE\"; echo \"$SECRET\" > /mnt/web/secret
        while :; do sleep 0.02; done";
    image.script("mnt/web/server", web);
    image.service("web", "exec /usr/sbin/setuser www /mnt/web/server 2>&1");
    let db = "trap 'echo \"# db closes\"; exit 0' TERM; : > /mnt/db; while :; do sleep 0.02; done";
    image.service("db", db);
    image.script("etc/my_init.pre_shutdown.d/00_close_site", "echo '# site closed'");
    image.script("etc/my_init.pre_shutdown.d/10_stop_web", "sv stop /etc/service/web > /dev/null");
    image.script("etc/my_init.pre_shutdown.d/20_flush", flush);
    image.script("etc/my_init.post_shutdown.d/10_log", "echo '# log closed'");
    image
}

/// Started, with all services there, and stopped.
fn stopped(exam: &Exam, image: &mut Image) -> Story {
    let mut run = start(exam, image, &["--quiet"], &[]);
    eventually("the services are up", || {
        let secret = std::fs::read(image.path("mnt/web/secret")).unwrap_or_default();
        secret.len() == 65 && image.has("mnt/db")
    });
    run.send(libc::SIGTERM);
    Story::of(&mut run)
}

/// `by_all`, where there is all that such an image has.
#[track_caller]
fn with_all(ask: impl Fn(&Exam) + Sync) {
    if program("runsvdir") && program("sv") && program("setpriv") && real_root() {
        by_all(ask);
    }
}

/// The server is run as another user, and has to write somewhere.
fn open_to_web(image: &Image) {
    std::os::unix::fs::chown(image.path("mnt/web"), Some(4242), None).expect("root");
}

#[test]
fn secrets_made_at_the_start_reach_services_that_setuser_runs() {
    with_all(|exam| {
        let mut image = image(exam, "echo '# flushed'");
        open_to_web(&image);
        let story = stopped(exam, &mut image);
        let lines = [
            "# web 4242 4243 4244 www /var/www example",
            "# site closed",
            "# web closes",
            "# flushed",
            "# db closes",
            "# log closed",
            "*** Init system aborted.",
        ];
        story.is(2, &lines);
        let secret = image.text("mnt/secret");
        assert_eq!(image.text("mnt/web/secret"), secret);
        assert_eq!(image.text("etc/container_environment/SECRET"), secret.trim_end());
        // The next start of the container finds it there.
        for gone in ["mnt/web/secret", "mnt/db"] {
            std::fs::remove_file(image.path(gone)).expect("it was there");
        }
        assert_eq!(stopped(exam, &mut image).code, 2);
        assert_eq!(image.text("mnt/web/secret"), secret);
    });
}

#[test]
fn a_flush_that_fails_is_1_and_the_database_is_closed_all_the_same() {
    with_all(|exam| {
        let mut image = image(exam, "echo '# cannot flush' >&2; exit 1");
        open_to_web(&image);
        let mut story = stopped(exam, &mut image);
        story.lines.retain(|line| line != "*** Init system aborted.");
        let begin = [
            "# web 4242 4243 4244 www /var/www example",
            "# site closed",
            "# web closes",
            "# cannot flush",
            "*** /etc/my_init.pre_shutdown.d/20_flush failed with status 1",
            "",
            "# db closes",
        ];
        // In the end everybody is told, so that the database closes in either case, but without
        // its supervisor in the one, and with the hooks that follow in the other.
        let rest = exam.deviates("failing-hooks", &[][..], &["# log closed"]);
        story.is(1, &[&begin[..], rest].concat());
    });
}
