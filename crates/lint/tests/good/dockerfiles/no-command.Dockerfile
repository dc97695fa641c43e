FROM debian:12
RUN apt-get update \
 && apt-get install -y ca-certificates \
 # certificates are all we want
 && rm -rf /var/lib/apt/lists/*
