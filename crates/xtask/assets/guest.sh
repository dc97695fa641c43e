#!/bin/sh
# The command of the machine's PID 1, which is sexton-init: mounts what a container has, runs the
# test programs of the plan, and turns the machine off. The kernel has the first serial line for
# its own messages; the second is for what is said here, and a line that begins with @ is for
# `verdict.rs`. Nothing here may fail in silence: what is not said is missing, and fails.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t devtmpfs dev /dev
exec </dev/null >/dev/ttyS1 2>&1
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=1777 tmpfs /tmp

# No test may be skipped here. An emulated machine is slow: the tests need more patience.
export SEXTON_FULL=1 SEXTON_PATIENCE=120
export INIT_UNDER_TEST=/sexton/sexton-init SEXTON_PROBE=/sexton/probe

read -r version </proc/sys/kernel/osrelease
echo "@kernel $version"
while read -r name words; do
    echo "@begin $name"
    status=0
    # The words are few and without blanks.
    # shellcheck disable=SC2086
    "/sexton/tests/$name" $words || status=$?
    echo "@end $name $status"
done </sexton/plan
echo "@finished"
busybox poweroff -f
