// The operations port as a probe and Prometheus see it.
#include "tests/unit/http/client.hpp"

#include "common/http/ops.hpp"

#include <atomic>

namespace http = weir::http;
namespace telemetry = weir::telemetry;
using weir::testing::body_of;
using weir::testing::RawClient;
using weir::testing::status_of;

namespace {

constexpr telemetry::Metric<telemetry::Counter> kThings{"weir_things_total", "Things."};

std::string get(int port, const std::string& path, const std::string& method = "GET") {
  RawClient client(port);
  client.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return client.rest();
}

}  // namespace

TEST_CASE("healthz follows progress, readyz lists reasons, metrics are text, the rest is refused") {
  telemetry::Metrics metrics;
  telemetry::Health health;
  std::atomic<bool> alive{true};
  const auto server = http::start_ops_server("127.0.0.1:0", metrics, health, [&alive] { return alive.load(); });
  REQUIRE(server.has_value());
  const int port = (*server)->port();
  metrics.of(kThings).add();

  CHECK(status_of(get(port, "/healthz")) == 200);
  alive = false;
  CHECK(status_of(get(port, "/healthz")) == 503);

  CHECK(body_of(get(port, "/readyz")) == "{\"status\":\"ready\",\"reasons\":{}}\n");
  health.not_ready("kafka", "no \"broker\" answers");
  health.not_ready("postgres", "refused");
  const std::string not_ready = get(port, "/readyz");
  CHECK(status_of(not_ready) == 503);
  CHECK(body_of(not_ready) ==
        "{\"status\":\"not ready\",\"reasons\":{\"kafka\":\"no \\\"broker\\\" answers\",\"postgres\":\"refused\"}}\n");

  CHECK(body_of(get(port, "/metrics")).find("weir_things_total 1\n") != std::string::npos);
  CHECK(status_of(get(port, "/v1/events")) == 404);
  const std::string posted = get(port, "/metrics", "POST");
  CHECK(status_of(posted) == 405);
  CHECK(posted.find("Allow: GET, HEAD\r\n") != std::string::npos);
}
