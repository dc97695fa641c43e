FROM python:3.12
CMD ["uwsgi", "--http", ":8000", "--module", "app", "--master", "--die-on-term"]
