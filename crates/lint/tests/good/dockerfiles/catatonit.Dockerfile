FROM registry.fedoraproject.org/fedora:40
ENTRYPOINT ["/usr/libexec/podman/catatonit", "--"]
CMD ["/usr/bin/server"]
