FROM debian:12
ADD https://github.com/just-containers/s6-overlay/releases/download/v3.2.0.0/s6-overlay-noarch.tar.xz /tmp
RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz
COPY rootfs/ /
ENTRYPOINT ["/init"]
CMD ["nginx", "-g", "daemon off;"]
