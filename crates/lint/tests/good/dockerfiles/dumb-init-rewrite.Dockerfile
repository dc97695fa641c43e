FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y nginx dumb-init
ENTRYPOINT ["/usr/bin/dumb-init", "--rewrite", "15:3", "--"]
CMD ["nginx", "-g", "daemon off;"]
