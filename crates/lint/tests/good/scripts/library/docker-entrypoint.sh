#!/bin/bash
. /opt/lib/env.sh
. /opt/lib/log.sh

if [[ "$*" = *"/opt/scripts/run.sh"* ]]; then
    info "** Starting setup **"
    /opt/scripts/setup.sh
    info "** Setup finished **"
fi

echo ""
exec "$@"
