// Makes the links of a mail when it is sent. By these its receiver unsubscribes with one click (RFC 8058), or confirms an address.
#pragma once

#include "common/process/mail_links.hpp"
#include "consumers/notifications/outgoing.hpp"
#include "consumers/notifications/pure/queued_message.hpp"

#include <cstdint>

namespace weir::notifications {

class Links {
 public:
  /// Makes no link.
  Links() = default;
  explicit Links(process::MailLinks settings) : settings_(std::move(settings)) {}

  /// Puts the links of a message into its text and its headers. `version`: of the row of its destination.
  void put_into(Outgoing& outgoing, const QueuedMessage& message, std::int64_t version) const;

 private:
  [[nodiscard]] std::string unsubscribe_url(const QueuedMessage& message) const;
  [[nodiscard]] std::string confirmation_url(const QueuedMessage& message, std::int64_t version) const;

  process::MailLinks settings_;
};

}  // namespace weir::notifications
