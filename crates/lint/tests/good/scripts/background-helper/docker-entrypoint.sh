#!/bin/sh
set -e
trap 'exit 1' INT TERM
until nc -z "$DB_HOST" 5432; do
  echo waiting
  sleep 1
done
watch-config &
exec server "$@"
