# syntax=docker/dockerfile:1.7
FROM debian:12
RUN <<EOF
set -e
apt-get update
apt-get install -y redis-server
EOF
COPY <<'CONF' /etc/redis.conf
bind 0.0.0.0
daemonize no
CONF
CMD ["redis-server", "/etc/redis.conf"]
