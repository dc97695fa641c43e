#!/bin/bash
# Two programs, both told and both waited for.
pids=()
stop() {
  kill -TERM "${pids[@]}" 2>/dev/null
  wait "${pids[@]}"
  exit 143
}
trap stop TERM INT
web & pids+=($!)
worker & pids+=($!)
wait -n
stop
