FROM alpine:3.20
RUN apk add --no-cache dumb-init su-exec
COPY vault-like.sh /usr/local/bin/docker-entrypoint.sh
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["server", "-dev"]
