FROM debian:12
RUN apt-get update && apt-get install -y cron
COPY crontab /etc/cron.d/app
CMD ["cron", "-f", "-l", "2"]
