FROM node:22 AS base
WORKDIR /app
COPY . .
FROM base AS test
RUN npm test
FROM base AS prod
CMD ["node", "index.js"]
