# syntax=docker/dockerfile:1
FROM debian:12
COPY --chmod=0755 <<-"EOF" /usr/local/bin/start
	#!/bin/bash
	set -euo pipefail
	if [[ -n "${CONFIG:-}" ]]; then
	    printf '%s' "$CONFIG" > /etc/app.toml
	fi
	exec app "$@"
EOF
ENTRYPOINT ["start"]
