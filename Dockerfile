# The image of weir: one executable on Debian 12, run by nobody in particular. Every component is the same image with another command.
FROM debian:12-slim AS build
WORKDIR /src

# What is built from comes first, so that a changed source does not fetch and build librdkafka again.
COPY dev ./
COPY tools/dev tools/dev
RUN ./dev deps build

COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY common common
COPY producers producers
COPY consumers consumers
COPY operations operations
COPY demo demo
COPY schemas schemas
COPY tests tests
COPY weir weir
# baseline runs on any x86-64; x86-64-v3 is faster where the machines are known to have it.
ARG WEIR_MARCH=baseline
RUN cmake --preset release -DWEIR_MARCH=${WEIR_MARCH} \
 && ninja -C build/release weir \
 && strip build/release/weir/weir

FROM debian:12-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates \
      libcurl4 \
      libfmt9 \
      libjemalloc2 \
      libpq5 \
      libpqxx-6.4 \
      libprometheus-cpp-core1.0 \
      libsasl2-2 \
      libsimdjson14 \
      libssl3 \
      libstdc++6 \
      libxxhash0 \
      libyaml-cpp0.7 \
      libzstd1 \
      zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin weir \
 && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/weir
COPY --from=build /src/build/release/weir/weir /usr/local/bin/weir
COPY deploy/docker/healthcheck /usr/local/bin/weir-healthcheck
# weir reads weir.yaml where it runs.
COPY deploy/weir.yaml /etc/weir/weir.yaml
WORKDIR /etc/weir
USER 10001:10001
# Operations port (/healthz, /readyz, /metrics) and the gateway's.
EXPOSE 9464 8080
ENV WEIR_HTTP_OPS_LISTEN=0.0.0.0:9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["weir-healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["weir"]
CMD ["--help"]
