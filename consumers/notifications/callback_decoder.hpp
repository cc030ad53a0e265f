// Reads records of weir.callbacks.v1: what providers report about mails, and clicks on links in mails.
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

/// `keys` sign the links in mails. Only tokens of these keys are believed, so that a writer of the topic who has no key can change nobody's
/// wishes and confirm no address.
[[nodiscard]] std::shared_ptr<runtime::Decoder> callback_decoder(std::vector<std::string> keys);

}  // namespace weir::notifications
