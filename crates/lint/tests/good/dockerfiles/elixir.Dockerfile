FROM elixir:1.17 AS build
RUN mix release
FROM debian:bookworm-slim
COPY --from=build /app/_build/prod/rel/app /app
CMD ["/app/bin/app", "start"]
