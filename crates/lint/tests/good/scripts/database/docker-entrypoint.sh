#!/usr/bin/env bash
set -Eeo pipefail

# the value of NAME, or of the file that NAME_FILE names
from_file() {
	local name="$1" default="${2:-}"
	local file="${name}_FILE"
	if [ "${!name:-}" ] && [ "${!file:-}" ]; then
		printf >&2 'error: both %s and %s are set\n' "$name" "$file"
		exit 1
	fi
	local value="$default"
	if [ "${!name:-}" ]; then
		value="${!name}"
	elif [ "${!file:-}" ]; then
		value="$(< "${!file}")"
	fi
	export "$name"="$value"
	unset "$file"
}

is_sourced() {
	[ "${#FUNCNAME[@]}" -ge 2 ] && [ "${FUNCNAME[0]}" = 'is_sourced' ]
}

init_files() {
	local f
	for f; do
		case "$f" in
			*.sh)
				if [ -x "$f" ]; then
					printf '%s: running %s\n' "$0" "$f"
					"$f"
				else
					. "$f"
				fi
				;;
			*.sql) printf '%s\n' "$f"; run_sql -f "$f"; printf '\n' ;;
			*.sql.gz) gunzip -c "$f" | run_sql ;;
			*) echo "ignoring $f" ;;
		esac
	done
}

temporary_start() {
	pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
}

temporary_stop() {
	pg_ctl -D "$PGDATA" -m fast -w stop
}

main() {
	if [ "${1:0:1}" = '-' ]; then
		set -- server "$@"
	fi
	if [ "$1" = 'server' ]; then
		from_file POSTGRES_PASSWORD
		if [ "$(id -u)" = '0' ]; then
			exec gosu postgres "$BASH_SOURCE" "$@"
		fi
		if [ ! -s "$PGDATA/VERSION" ]; then
			temporary_start "$@"
			init_files /docker-entrypoint-initdb.d/*
			temporary_stop
			cat <<-'EOM'

				Initialisation complete; ready for start up.

			EOM
		fi
	fi
	exec "$@"
}

if ! is_sourced; then
	main "$@"
fi
