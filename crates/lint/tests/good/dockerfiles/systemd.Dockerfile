FROM fedora:40
RUN dnf -y install systemd httpd && systemctl enable httpd
STOPSIGNAL SIGRTMIN+3
CMD ["/sbin/init"]
