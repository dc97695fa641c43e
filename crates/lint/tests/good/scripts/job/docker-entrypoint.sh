#!/bin/bash
set -euo pipefail
tmp="$(mktemp -d)"
trap 'rm -rf "$tmp"' EXIT
pg_dump "$DATABASE_URL" | gzip > "$tmp/dump.gz"
aws s3 cp "$tmp/dump.gz" "s3://$BUCKET/$(date +%F).gz"
echo done
