FROM rockylinux:9
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN curl -fsSL https://example.com/key | gpg --import
CMD exec httpd -DFOREGROUND
STOPSIGNAL SIGWINCH
