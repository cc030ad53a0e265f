# What weir stands on. All of it is Debian 12's but librdkafka, which `./dev deps` builds once into a cached prefix.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(simdjson REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(Boost 1.74 REQUIRED)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)

# The same place as in tools/dev/common.sh.
if(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(weir_cache "$ENV{XDG_CACHE_HOME}/weir")
else()
  set(weir_cache "$ENV{HOME}/.cache/weir")
endif()
set(WEIR_LIBRDKAFKA "${weir_cache}/librdkafka-2.15.1-tls" CACHE PATH "Where ./dev deps put librdkafka")
set(ENV{PKG_CONFIG_PATH} "${WEIR_LIBRDKAFKA}/lib/pkgconfig:$ENV{PKG_CONFIG_PATH}")
# 2.13.2 is the floor (docs/decisions). The static library's own needs (TLS, SASL, zstd, zlib) come with its pkg-config file.
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka-static>=2.15.1)
