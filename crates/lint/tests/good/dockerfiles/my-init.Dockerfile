FROM phusion/baseimage:noble-1.0.0
CMD ["/sbin/my_init"]
RUN mkdir /etc/service/app
COPY run.sh /etc/service/app/run
