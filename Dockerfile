# The server as an image. It holds no secret: keys and passwords come from outside when it starts.

# The pages' style sheet and script.
FROM node:20-bookworm-slim AS assets
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY web ./
RUN npm run build

FROM rust:1.95-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends libssl-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
COPY --from=assets /web/dist web/dist
# TLS to PostgreSQL with the distribution's OpenSSL, so that its security updates are ours.
ENV OPENSSL_NO_VENDOR=1
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    cargo build --release --locked --features tls \
 && install -D target/release/safehold /out/safehold

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libssl3 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 safehold \
 && useradd --uid 10001 --gid safehold --no-create-home --home-dir /data --shell /usr/sbin/nologin safehold \
 && install -d -o safehold -g safehold -m 700 /data
COPY --from=build /out/safehold /usr/local/bin/safehold
USER 10001:10001
WORKDIR /data
# Of use with the embedded database only. The keys must not lie here: mount them and set SAFEHOLD_KEY_FILE.
VOLUME /data
ENV SAFEHOLD_DATABASE_URL=sqlite:/data/safehold.db \
    SAFEHOLD_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["safehold", "health"]
ENTRYPOINT ["safehold"]
CMD ["serve"]
