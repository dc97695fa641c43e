FROM rust:1 AS build
WORKDIR /src
COPY . .
RUN cargo build --release
FROM scratch
COPY --from=build /src/target/release/app /
EXPOSE 8080
CMD ["/app", "--listen", "0.0.0.0:8080"]
