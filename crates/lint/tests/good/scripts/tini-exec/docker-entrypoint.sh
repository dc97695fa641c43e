#!/bin/sh
umask 002
if [ -n "$PUID" ]; then
  usermod -u "$PUID" app
fi
exec tini -- su-exec app "$@"
