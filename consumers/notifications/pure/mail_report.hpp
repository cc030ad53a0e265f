// Reads what a provider reports about a mail that it has accepted, and decides which status the message gets. Pure.
//
// The forms are those of Twilio's documentation, "Event Webhook Reference" of SendGrid:
//   {"event": "delivered" | "bounce" | "dropped" | "spamreport" | …, "email", "sg_event_id", "message_id": weir's, "timestamp",
//    "type": "bounce" | "blocked", "status": "5.1.1", "reason", "bounce_classification"}
#pragma once

#include "common/core/uuid.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::notifications {

struct MailReport {
  Uuid message;
  std::string_view status;       // as in notifications.status: delivered, bounced or complained
  std::string reason;            // says nothing of the address
  std::string address;           // where the mail went, as the provider spells it
  bool is_address_dead = false;  // no mail will ever arrive there, or its owner wants none
  Uuid event{};                  // by which a repetition of the report is known
};

/// What an event means; none where it changes nothing of a message (it was opened, its delivery is tried again). The error says what is
/// wrong with an event that names no message of weir's, or does not say what happened.
[[nodiscard]] tl::expected<std::optional<MailReport>, std::string> read_sendgrid_event(std::string_view json);

enum class Rise : std::uint8_t {
  kRises,
  kRepeats,    // the message has this status already
  kOutranked,  // it has a status that stands above
  kEnded,      // it has ended without being sent
};
/// Whether a message's status becomes the reported one: sent < delivered < bounced < complained, and it only rises.
[[nodiscard]] Rise rise_of(std::string_view status, std::string_view reported);

}  // namespace weir::notifications
