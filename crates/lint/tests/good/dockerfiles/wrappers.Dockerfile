FROM debian:12
RUN apt-get update && apt-get install -y gosu
ENTRYPOINT ["env", "LANG=C.UTF-8", "nice", "-n", "5", "gosu", "nobody", "server"]
