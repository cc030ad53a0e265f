// Routes requests. Every answer passes one function, which counts it and adds its CORS headers.
#include "producers/gateway/service.hpp"

#include "common/core/text.hpp"
#include "producers/gateway/answers.hpp"
#include "producers/gateway/binary_mode.hpp"
#include "producers/gateway/metrics.hpp"
#include "producers/gateway/openapi.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::gateway {

namespace {

enum class Resource : std::uint8_t { kEvents, kFeed, kCallback, kSchema, kOpenApi, kNone };

constexpr std::string_view kSchemas = "/v1/schemas/";

std::string type_list() {
  std::string list;
  for (const std::string_view type : events::action_types()) list += (list.empty() ? "" : ", ") + std::string(type);
  return list;
}

/// The headers that the gateway reads. In CloudEvents' binary mode any name may stand behind "ce-", so those that the browser asks for are
/// told.
std::string allowed_headers(std::string_view asked) {
  std::string allowed = "Authorization, Content-Encoding, Content-Type, Last-Event-ID, Traceparent, X-API-Key";
  const std::string names = lower(asked);
  for (std::size_t at = 0; at < names.size(); ++at) {
    const std::size_t end = std::min(names.find(',', at), names.size());
    std::string_view name = std::string_view(names).substr(at, end - at);
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    if (is_attribute_header(name)) allowed += ", " + std::string(name);
    at = end;
  }
  return allowed;
}

}  // namespace

struct Service::Route {
  Resource resource = Resource::kNone;
  std::string_view name;        // for metrics: a small closed set
  std::string_view methods;     // for Allow
  FeedResource feed{};          // of kFeed
  CallbackResource callback{};  // of kCallback

  static Route of(std::string_view path) {
    if (path == "/v1/events") return {Resource::kEvents, "events", "OPTIONS, POST"};
    if (path == "/v1/openapi.json") return {Resource::kOpenApi, "openapi", "GET, HEAD, OPTIONS"};
    if (path.starts_with(kSchemas)) return {Resource::kSchema, "schemas", "GET, HEAD, OPTIONS"};
    if (path == "/v1/stream") return {Resource::kFeed, "stream", "GET, OPTIONS", FeedResource::kStream};
    if (path == "/v1/notifications") return {Resource::kFeed, "notifications", "GET, OPTIONS", FeedResource::kPage};
    if (path == "/v1/notifications/read") return {Resource::kFeed, "read_all", "OPTIONS, POST", FeedResource::kReadAll};
    if (path.starts_with(kMessagesPath) && path.ends_with("/read"))
      return {Resource::kFeed, "read", "OPTIONS, POST", FeedResource::kReadOne};
    if (path == "/v1/callbacks/sendgrid") return {Resource::kCallback, "sendgrid", "POST", {}, CallbackResource::kSendGrid};
    if (path.starts_with(kUnsubscribePath)) return {Resource::kCallback, "unsubscribe", "GET, POST", {}, CallbackResource::kUnsubscribe};
    if (path.starts_with(kConfirmPath)) return {Resource::kCallback, "confirm", "GET, POST", {}, CallbackResource::kConfirm};
    return {Resource::kNone, "none", ""};
  }
  [[nodiscard]] bool takes(const std::string& method) const {
    return (", " + std::string(methods) + ",").find(", " + method + ",") != std::string::npos;
  }
};

void Service::handle(http::Request request, http::Responder respond) {
  const Route route = Route::of(request.path);
  const auto answer = counted(route, request, std::move(respond));
  dispatch(route, std::move(request), answer);
}

void Service::admit(http::Request request, http::Responder respond) {
  const Route route = Route::of(request.path);
  if (route.resource != Resource::kEvents || !route.takes(request.method)) {
    return respond({.status = http::kContinue, .content_type = {}, .body = {}, .headers = {}});
  }
  auto answer = counted(route, request, respond);
  intake_.admit(std::move(request), [respond = std::move(respond), answer = std::move(answer)](http::Response response) {
    (response.status == http::kContinue ? respond : answer)(std::move(response));
  });
}

http::Responder Service::counted(const Route& route, const http::Request& request, http::Responder respond) const {
  return [this, route, began = clock_.steady(), origin = std::string(request.header("origin")),
          respond = std::move(respond)](http::Response response) {
    add_cors(origin, response);
    metrics_.of(kRequests, {route.name, fmt::format_int(response.status).c_str()}).add();
    metrics_.of(kRequestDuration, {route.name}).observe(clock_.steady() - began);
    respond(std::move(response));
  };
}

void Service::dispatch(const Route& route, http::Request request, const http::Responder& respond) {
  if (route.resource == Resource::kNone) {
    return respond(answer_refusal(404, "not_found",
                                  "There is /v1/events, /v1/stream, /v1/notifications, /v1/schemas/{type} and /v1/openapi.json here."));
  }
  if (!route.takes(request.method)) {
    http::Response refused = answer_refusal(405, "method_not_allowed", "This resource takes " + std::string(route.methods) + ".");
    refused.headers.emplace_back("Allow", route.methods);
    return respond(std::move(refused));
  }
  if (request.method == "OPTIONS") return respond(preflight(route, request));
  if (route.resource == Resource::kEvents) return intake_.take(std::move(request), respond);
  if (route.resource == Resource::kFeed) return show_feed(route, request, respond);
  if (route.resource == Resource::kCallback) return callbacks_.take(route.callback, request, respond);
  respond(document(route, request));
}

void Service::show_feed(const Route& route, const http::Request& request, const http::Responder& respond) {
  if (feed_ != nullptr) return feed_->take(route.feed, request, respond);
  respond(intake_.strangers().refuse(request.peer, "This gateway takes no tokens, because it has no key set."));
}

http::Response Service::document(const Route& route, const http::Request& request) {
  if (auto refused = intake_.strangers().check(request.peer)) return std::move(*refused);
  if (route.resource == Resource::kOpenApi) {
    return {.status = 200, .content_type = "application/json", .body = openapi_document(), .headers = {{"Cache-Control", "max-age=300"}}};
  }
  const std::string_view schema = events::schema_of(std::string_view(request.path).substr(kSchemas.size()));
  if (schema.empty()) return answer_refusal(404, "unknown_type", "There is no such event type; there are " + type_list() + ".");
  return {
      .status = 200, .content_type = "application/schema+json", .body = std::string(schema), .headers = {{"Cache-Control", "max-age=300"}}};
}

http::Response Service::preflight(const Route& route, const http::Request& request) const {
  http::Response response{.status = 204, .content_type = {}, .body = {}, .headers = {{"Allow", std::string(route.methods)}}};
  const bool allowed = std::ranges::find(options_.cors_origins, request.header("origin")) != options_.cors_origins.end();
  if (!allowed || request.header("access-control-request-method").empty()) return response;
  response.headers.emplace_back("Access-Control-Allow-Methods", route.methods);
  response.headers.emplace_back("Access-Control-Allow-Headers", allowed_headers(request.header("access-control-request-headers")));
  response.headers.emplace_back("Access-Control-Max-Age", "600");
  return response;
}

void Service::add_cors(const std::string& origin, http::Response& response) const {
  if (options_.cors_origins.empty()) return;
  response.headers.emplace_back("Vary", "Origin");
  if (std::ranges::find(options_.cors_origins, origin) == options_.cors_origins.end()) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Expose-Headers", "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After");
}

}  // namespace weir::gateway
