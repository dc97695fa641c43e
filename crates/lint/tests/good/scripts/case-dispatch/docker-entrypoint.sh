#!/bin/sh
set -eu
case "${1:-web}" in
  web)
    shift || true
    exec gunicorn app:app "$@"
    ;;
  worker)
    exec celery -A app worker
    ;;
  migrate)
    python manage.py migrate
    ;;
  *)
    exec "$@"
    ;;
esac
