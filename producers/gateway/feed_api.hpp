// Answers users who ask for their messages, always with a token: GET /v1/stream, GET /v1/notifications, and marking messages as read.
#pragma once

#include "common/telemetry/log.hpp"
#include "producers/gateway/live_streams.hpp"
#include "producers/gateway/strangers.hpp"
#include "producers/gateway/token_verifier.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace weir::gateway {

inline constexpr std::string_view kMessagesPath = "/v1/notifications/";

enum class FeedResource : std::uint8_t { kStream, kPage, kReadAll, kReadOne };

/// Thread-safe. The objects that it is given must outlive it and all requests in hand.
class FeedApi {
 public:
  FeedApi(TokenVerifier& tokens, Strangers& strangers, Feed& feed, LiveStreams& streams, WorkQueue& work, const Clock& clock,
          telemetry::Log& log)
      : tokens_(tokens), strangers_(strangers), feed_(feed), streams_(streams), work_(work), clock_(clock), log_(log) {}

  void take(FeedResource resource, const http::Request& request, const http::Responder& respond);

 private:
  using Work = std::function<Result<http::Response>()>;

  [[nodiscard]] http::Response stream(const http::Request& request, const Identity& caller);
  void page(const http::Request& request, const Identity& caller, const http::Responder& respond);
  void read_one(const http::Request& request, const Identity& caller, const http::Responder& respond);
  void read_all(const Identity& caller, const http::Responder& respond);
  void answer_later(Work work, const http::Responder& respond);

  TokenVerifier& tokens_;
  Strangers& strangers_;
  Feed& feed_;
  LiveStreams& streams_;
  WorkQueue& work_;
  const Clock& clock_;
  telemetry::Log& log_;
};

/// The value of a parameter of a query; "" where it is absent.
[[nodiscard]] std::string_view query_value(std::string_view query, std::string_view name);
/// The uuid in /v1/notifications/{id}/read; none where the path is another.
[[nodiscard]] std::optional<Uuid> message_of_path(std::string_view path);

}  // namespace weir::gateway
