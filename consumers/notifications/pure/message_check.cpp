#include "consumers/notifications/pure/message_check.hpp"

#include "consumers/notifications/pure/message_id.hpp"
#include "consumers/notifications/pure/plan.hpp"
#include "consumers/notifications/pure/preferences.hpp"

#include <fmt/format.h>

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
  if (!message.rule && message.digest && message.user) {
    return message_id(
        {message.organization, message.digest->text(), *message.digest, message.user->text(), message.channel, message.destination});
  }
  if (!message.rule || !message.room || message.cause.empty()) return std::nullopt;
  const std::string receiver = message.user ? message.user->text() : room_of(message.organization, *message.room);
  return message_id({message.organization, message.cause, *message.rule, receiver, message.channel, message.destination});
}

std::string text(const DigestPlace& place) {
  return fmt::format("{} over {}, of {} in {}", place.group, place.channel, place.user.text(), place.organization.text());
}

/// A member must be one of its digest's: of the same user, channel and group. The message of a digest is of no group.
void check_digest(const LedgerMessage& message, bool keeps_digests, std::vector<MessageFault>& faults) {
  if (message.reason == "digest" && !message.digest) faults.push_back({"digest_id", "null", "a digest"});
  if (!message.digest) return;
  if (!message.gathered) {
    if (keeps_digests) faults.push_back({"digest_id", message.digest->text(), "no such digest"});
    return;
  }
  const DigestPlace& digest = *message.gathered;
  const DigestPlace right{message.organization, message.user.value_or(UserId{}),
                          message.rule ? std::string(group_of(message.template_key)) : digest.group, message.channel};
  if (digest != right) faults.push_back({"digest_id", "a digest for " + text(digest), "one for " + text(right)});
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
  check_digest(message, keeps_keys, faults);
  return faults;
}

}  // namespace weir::notifications
