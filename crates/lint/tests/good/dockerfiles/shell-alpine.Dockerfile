FROM alpine:3.20
RUN apk add --no-cache python3
CMD exec python3 -m http.server "${PORT:-8000}"
