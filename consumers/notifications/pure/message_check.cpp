#include "consumers/notifications/pure/message_check.hpp"

#include "consumers/notifications/pure/message_id.hpp"
#include "consumers/notifications/pure/plan.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace weir::notifications {

namespace {

using namespace std::string_view_literals;

// Of the other statuses it depends: a message in doubt waits or is held, and a report may come while the call's end is still to be written.
constexpr std::array kWaiting{"queued"sv, "deferred"sv, "failed"sv, "sending"sv};
constexpr std::array kEnded{"delivered"sv, "suppressed"sv, "expired"sv, "cancelled"sv, "dead"sv};

/// The id that its parts give. None: the rule is gone or was changed, or the message is of no rule.
std::optional<Uuid> id_of(const LedgerMessage& message) {
  if (!message.rule || !message.room || message.cause.empty()) return std::nullopt;
  const std::string receiver = message.user ? message.user->text() : room_of(message.organization, *message.room);
  return message_id({message.organization, message.cause, *message.rule, receiver, message.channel, message.destination});
}

}  // namespace

std::vector<MessageFault> faults_of(const LedgerMessage& message, bool keeps_keys) {
  std::vector<MessageFault> faults;
  const auto id = id_of(message);
  if (id && *id != message.id) faults.push_back({"id", message.id.text(), id->text()});
  if (keeps_keys && !message.has_key) faults.push_back({"id", "not kept", "kept in weir.notification_keys"});
  if (message.keyed_at && *message.keyed_at != message.created_at) {
    faults.push_back({"created_at", format_instant(message.created_at), format_instant(*message.keyed_at)});
  }
  const bool is_waiting = std::ranges::find(kWaiting, message.status) != kWaiting.end();
  const bool is_ended = std::ranges::find(kEnded, message.status) != kEnded.end();
  if (is_waiting && !message.is_queued) faults.push_back({"status", message.status, "not in weir.delivery_queue"});
  if (is_ended && message.is_queued) faults.push_back({"status", message.status, "in weir.delivery_queue"});
  if (message.status == "sent" && !message.is_accepted) faults.push_back({"status", message.status, "no attempt that a provider accepted"});
  if (message.attempts_kept < message.attempts) {
    faults.push_back({"attempts", std::to_string(message.attempts), std::to_string(message.attempts_kept)});
  }
  return faults;
}

}  // namespace weir::notifications
