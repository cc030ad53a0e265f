// Makes events on weir.callbacks.v1 of reports about messages: providers call back, and sign what they say; people follow links in mails.
//
//   POST /v1/callbacks/sendgrid      each event of the array that names a message of weir's (message_id) is one record, 200 once Kafka has
//                                    all
//   POST /v1/unsubscribe/{token}     one record, 200 once Kafka has it (RFC 8058)
//   POST /v1/confirm/{token}         likewise: the owner of an address confirms it
//   GET of the latter two            shows a page that asks, and changes nothing: programs that look at mails open their links
#pragma once

#include "producers/gateway/publisher.hpp"
#include "producers/gateway/reader_pool.hpp"
#include "producers/gateway/strangers.hpp"
#include "producers/gateway/trace_ids.hpp"
#include "producers/gateway/webhook_signature.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::gateway {

inline constexpr std::string_view kUnsubscribePath = "/v1/unsubscribe/";
inline constexpr std::string_view kConfirmPath = "/v1/confirm/";

enum class CallbackResource : std::uint8_t { kSendGrid, kUnsubscribe, kConfirm };

struct MailLink;  // callback_api.cpp

struct CallbackOptions {
  std::optional<WebhookKey> sendgrid;  // none: its callbacks are not taken
  std::vector<std::string> link_keys;  // the present one, then the one before it; none: no link is taken
};

/// Thread-safe. The objects that it is given must outlive it and all requests in hand.
class CallbackApi {
 public:
  CallbackApi(CallbackOptions options, Publisher& publisher, Strangers& strangers, const Clock& clock)
      : options_(std::move(options)), publisher_(publisher), strangers_(strangers), clock_(clock) {}

  void take(CallbackResource resource, const http::Request& request, const http::Responder& respond);

 private:
  void take_sendgrid(const http::Request& request, const http::Responder& respond);
  void take_link(const MailLink& link, const http::Request& request, const http::Responder& respond);
  void publish(const std::vector<events::Action>& reports, http::Response done, const http::Responder& respond);

  const CallbackOptions options_;
  Publisher& publisher_;
  Strangers& strangers_;
  const Clock& clock_;
  ReaderPool readers_;
  TraceIds trace_ids_;
};

}  // namespace weir::gateway
