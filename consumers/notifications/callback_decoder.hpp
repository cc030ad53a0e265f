// From records of weir.callbacks.v1 to what they say: reports of providers about mails, and links in mails that somebody followed.
#pragma once

#include "common/events/confirmation_token.hpp"
#include "common/events/unsubscribe_token.hpp"
#include "common/runtime/event.hpp"
#include "consumers/notifications/pure/mail_report.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace weir::notifications {

struct Unsubscribed {
  events::Unsubscription wish;
  std::string token_hash;  // SHA-256
};

struct Callback final : runtime::Payload {
  template <class Kind>
  explicit Callback(Kind of) : what(std::move(of)) {}
  std::variant<MailReport, Unsubscribed, events::Confirmation> what;
};

/// `keys` sign the links in mails: whoever can write to the topic, and has none of them, can change nobody's wishes.
[[nodiscard]] std::shared_ptr<runtime::Decoder> callback_decoder(std::vector<std::string> keys);

}  // namespace weir::notifications
