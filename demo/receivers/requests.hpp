// Who calls by HTTP and which messages the call brings, read as the provider would read it: Pusher's Channels HTTP API, SendGrid's v3 mail
// send, and Standard Webhooks, with their signatures and keys. Pure.
#pragma once

#include "common/core/uuid.hpp"
#include "demo/receivers/script.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::demo {

/// What the demo configures weir with: the examples of the protocols' documentation, so that its signatures verify here.
inline constexpr const char* kPusherApp = "3";
inline constexpr const char* kPusherKey = "278d425bdf160c739803";
inline constexpr const char* kPusherSecret = "7ad3773142a6692b25b8";
inline constexpr const char* kSendgridKey = "SG.demo";
inline constexpr const char* kWebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct Request {
  std::string target{};
  std::map<std::string, std::string> headers{};  // by their names in lower case
  std::string body{};
};

struct Reading {
  Provider provider = Provider::kPusher;
  std::vector<std::optional<Uuid>> messages{};  // none: what is in a message's place names none
  std::string fault{};                          // "" where nothing is wrong
  std::string challenge{};                      // that the answer has to repeat; "" where there is none
};

/// None: no provider is called by such a path.
[[nodiscard]] std::optional<Reading> read(const Request& request);

/// The message that a mail is, by its Message-ID.
[[nodiscard]] std::optional<Uuid> message_of_mail(std::string_view mail);

}  // namespace weir::demo
