# The image of weir: one executable on Debian 12, run by nobody in particular. Every component is the same image with another command.
FROM debian:12-slim AS build
WORKDIR /src

# What is built from comes first, so that a changed source does not fetch and build librdkafka again.
COPY dev ./
COPY tools/dev tools/dev
RUN ./dev deps build

COPY CMakeLists.txt CMakePresets.json CHANGELOG.md ./
COPY cmake cmake
COPY common common
COPY producers producers
COPY consumers consumers
COPY operations operations
COPY demo demo
COPY schemas schemas
COPY tests tests
COPY weir weir
COPY deploy/debian deploy/debian
COPY deploy/systemd deploy/systemd
COPY deploy/roles.sql deploy/weir.yaml deploy/
# The package that other machines install too. baseline runs on any x86-64; x86-64-v3 is faster where the machines are known to have it.
ARG WEIR_MARCH=baseline
RUN cmake --preset package -DWEIR_MARCH=${WEIR_MARCH} && ./dev package && mv build/package/weir_*.deb /weir.deb

FROM debian:12-slim
COPY --from=build /weir.deb /weir.deb
# User and group have the same number in every image, so that a volume's files stay theirs; the package takes both as they are.
RUN groupadd --system --gid 10001 weir \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/weir --shell /usr/sbin/nologin weir \
 && apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates /weir.deb \
 && rm -rf /var/lib/apt/lists/* /weir.deb
COPY deploy/docker/healthcheck /usr/local/bin/weir-healthcheck
# weir reads weir.yaml where it runs.
WORKDIR /etc/weir
USER 10001:10001
# Operations port (/healthz, /readyz, /metrics) and the gateway's.
EXPOSE 9464 8080
ENV WEIR_HTTP_OPS_LISTEN=0.0.0.0:9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["weir-healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["weir"]
CMD ["--help"]
