#!/bin/sh
if [ "$(id -u)" -eq 0 ]; then
    find /data \! -user app -exec chown app '{}' +
    exec setpriv --reuid=app --regid=app --clear-groups -- "$0" "$@"
fi
exec server "$@"
