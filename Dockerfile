# One small image with the one binary in it, run by a user that owns nothing but its data.
#
# As it stands it listens on the container's own loopback only. To reach it from outside, whoever runs it
# must say so: see "In a container" in README.md.

FROM rust:1.95-bookworm AS builder
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY schemas schemas
COPY mappings mappings
COPY conformance-tests conformance-tests
COPY gateway gateway
# The caches outlive the layer, so a change of one file does not build the world again.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p ginnel \
    && install -D --strip target/release/ginnel /image/usr/local/bin/ginnel \
    && install -d -o 10001 -g 10001 -m 0700 /image/var/lib/ginnel

FROM debian:bookworm-slim
# A number, so that a cluster can see without asking that this is not root.
RUN groupadd --system --gid 10001 ginnel \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin ginnel
# Deliveries to trusts are checked against these roots.
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=builder /image/usr/local/bin/ginnel /usr/local/bin/ginnel
COPY --from=builder --chown=10001:10001 /image/var/lib/ginnel /var/lib/ginnel
COPY LICENSE /usr/share/doc/ginnel/LICENSE
USER 10001:10001
WORKDIR /var/lib/ginnel
VOLUME ["/var/lib/ginnel"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["ginnel", "health", "--url", "http://127.0.0.1:8080"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["ginnel"]
CMD ["serve", "--data", "/var/lib/ginnel"]
