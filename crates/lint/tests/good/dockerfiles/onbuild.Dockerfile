FROM node:22
ONBUILD COPY . /app
ONBUILD RUN npm ci
WORKDIR /app
CMD ["node", "."]
