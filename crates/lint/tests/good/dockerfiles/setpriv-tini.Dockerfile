FROM debian:12
ENTRYPOINT ["tini", "-g", "-s", "--", "setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "--"]
CMD ["server"]
