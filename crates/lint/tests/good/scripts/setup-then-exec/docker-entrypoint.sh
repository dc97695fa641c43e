#!/bin/sh
set -e
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
envsubst < /etc/app.tmpl > "$tmp"
cp "$tmp" /etc/app.conf
rm -f "$tmp"
trap - EXIT
[ "$1" != "--" ] || shift
if [ $# -eq 0 ]; then
  set -- server
fi
exec "$@" >> /proc/1/fd/1 2>&1
