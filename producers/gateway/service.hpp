// The gateway's routes: POST /v1/events, GET /v1/stream, the feed under /v1/notifications, callbacks of providers and links that
// unsubscribe, GET /v1/schemas/{type}, GET /v1/openapi.json; CORS for configured origins; a count of answers.
#pragma once

#include "producers/gateway/callback_api.hpp"
#include "producers/gateway/feed_api.hpp"
#include "producers/gateway/intake.hpp"

#include <string>
#include <vector>

namespace weir::gateway {

struct ServiceOptions {
  std::vector<std::string> cors_origins;  // "https://app.example"; empty: no browser of another origin may read an answer
};

/// Thread-safe.
class Service {
 public:
  /// `feed` is nullptr where no token is accepted: messages are shown to tokens alone.
  Service(Intake& intake, FeedApi* feed, CallbackApi& callbacks, ServiceOptions options, const Clock& clock, telemetry::Metrics& metrics)
      : intake_(intake), feed_(feed), callbacks_(callbacks), options_(std::move(options)), clock_(clock), metrics_(metrics) {}

  void handle(http::Request request, http::Responder respond);
  /// Answers the head of a request that expects 100 Continue: 100 where its body is wanted.
  void admit(http::Request request, http::Responder respond);

 private:
  struct Route;
  [[nodiscard]] http::Responder counted(const Route& route, const http::Request& request, http::Responder respond) const;
  void dispatch(const Route& route, http::Request request, const http::Responder& respond);
  void show_feed(const Route& route, const http::Request& request, const http::Responder& respond);
  [[nodiscard]] http::Response document(const Route& route, const http::Request& request);
  [[nodiscard]] http::Response preflight(const Route& route, const http::Request& request) const;
  void add_cors(const std::string& origin, http::Response& response) const;

  Intake& intake_;
  FeedApi* feed_;
  CallbackApi& callbacks_;
  ServiceOptions options_;
  const Clock& clock_;
  telemetry::Metrics& metrics_;
};

}  // namespace weir::gateway
