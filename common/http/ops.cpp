// The operations port: small, bounded, on its own thread, so that it answers while everything else is busy.
#include "common/http/ops.hpp"

#include "common/core/json.hpp"
#include "common/http/problem.hpp"

namespace weir::http {

namespace {

Response status_answer(int status, std::string_view text) {
  Response response;
  response.status = status;
  JsonWriter(response.body).begin_object().member("status", text).end_object();
  response.body += '\n';
  return response;
}

Response ready_answer(const telemetry::Health& health) {
  const auto reasons = health.reasons();
  Response response;
  response.status = reasons.empty() ? 200 : 503;
  JsonWriter json(response.body);
  json.begin_object().member("status", reasons.empty() ? "ready" : "not ready").name("reasons").begin_object();
  for (const auto& [condition, reason] : reasons) json.member(condition, reason);
  json.end_object().end_object();
  response.body += '\n';
  return response;
}

Response answer(const Request& request, const telemetry::Metrics& metrics, const telemetry::Health& health,
                const std::function<bool()>& alive) {
  const bool known = request.path == "/healthz" || request.path == "/readyz" || request.path == "/metrics";
  if (!known) return problem_response(404, "This port answers /healthz, /readyz and /metrics.");
  if (request.method != "GET" && request.method != "HEAD") {
    Response refused = problem_response(405, "This port answers GET and HEAD.");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  if (request.path == "/metrics") {
    return {.status = 200, .content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics.text(), .headers = {}};
  }
  if (request.path == "/readyz") return ready_answer(health);
  return !alive || alive() ? status_answer(200, "ok") : status_answer(503, "no progress");
}

}  // namespace

Result<std::unique_ptr<Server>> start_ops_server(const std::string& listen, const telemetry::Metrics& metrics,
                                                 const telemetry::Health& health, std::function<bool()> alive) {
  Limits limits;
  limits.max_connections = 64;
  limits.max_body_bytes = 4UL << 10U;
  limits.header_timeout = Milliseconds{5'000};
  limits.body_timeout = Milliseconds{5'000};
  const auto handler = [&metrics, &health, alive = std::move(alive)](const Request& request, const Responder& respond) {
    respond(answer(request, metrics, health, alive));
  };
  return Server::start(listen, handler, limits);
}

}  // namespace weir::http
