#!/bin/sh
trap 'exit 0' TERM INT
while :; do
  python sync.py || echo failed
  sleep 60 &
  wait $!
done
