#!/usr/bin/dumb-init /bin/sh
set -e

if [ "${1:0:1}" = '-' ]; then
    set -- vaultish "$@"
fi

if [ "$1" = 'server' ]; then
    shift
    set -- vaultish server -config=/config "$@"
fi

if [ "$(id -u)" = '0' ]; then
    chown -R vaultish:vaultish /config || echo "could not chown"
    set -- su-exec vaultish "$@"
fi

exec "$@"
