ARG PYTHON=3.12
ARG VARIANT=slim
FROM python:${PYTHON}-${VARIANT}
ARG APP=web
ENV APP=${APP}
COPY . .
CMD ["celery", "-A", "proj", "worker", "-l", "info"]
