#include "tests/bench/gateway/echo_server.hpp"

#include "common/http/server.hpp"
#include "tests/bench/support/bench.hpp"

#include <unistd.h>

namespace weir::bench {

void run_echo(int port, int threads) {
  const auto answer = [](const http::Request&, const http::Responder& respond) {
    respond({.status = 202,
             .content_type = "application/json",
             .body = R"({"status":202,"id":"1000000","source":"/apps/web"})",
             .headers = {}});
  };
  const auto server = must(http::Server::start("127.0.0.1:" + std::to_string(port), answer, {}, threads));
  while (true) ::pause();
}

}  // namespace weir::bench
