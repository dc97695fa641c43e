FROM debian:12
RUN apt-get update && apt-get install -y openssh-server && mkdir -p /run/sshd
EXPOSE 22
CMD ["/usr/sbin/sshd", "-D", "-e"]
