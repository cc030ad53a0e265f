#include "consumers/notifications/pure/challenge.hpp"

#include "consumers/notifications/pure/message_id.hpp"
#include "consumers/notifications/pure/plan.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

constexpr Seconds kTimeToLive{86'400};

bool has(const Fields& row, std::string_view column) {
  const auto value = row.find(column);
  return value != row.end() && value->second.has_value();
}

}  // namespace

std::optional<Uuid> unproven_destination(const Occurrence& event, Channel channel) {
  if (event.source != "public.notification_destinations" || event.row.operation == Operation::kDelete) return std::nullopt;
  const Fields& row = newest(event.row);
  const auto of = row.find("channel");
  if (of == row.end() || of->second != name_of(channel) || has(row, "verified_at") || has(row, "disabled_at")) return std::nullopt;
  return uuid_in(row, "id");
}

PlannedMessage ask_for_proof(const Occurrence& event, const Uuid& destination, Channel channel, std::string_view template_key,
                             Instant now) {
  PlannedMessage message;
  message.organization = event.organization;
  message.cause = event.id.text();
  message.template_key = template_key;
  message.channel = channel;
  message.destination = destination.text();
  message.address = destination;
  message.status = "queued";
  message.due_at = now;
  message.id = message_id({event.organization, message.cause, Uuid{}, "", std::string(name_of(channel)), message.destination});
  return message;
}

std::optional<PlannedMessage> plan_challenge(const Occurrence& event, Instant now) {
  const auto destination = unproven_destination(event, Channel::kWebhook);
  if (!destination) return std::nullopt;
  PlannedMessage message = ask_for_proof(event, *destination, Channel::kWebhook, kChallengeTemplate, now);
  if (const auto user = uuid_in(newest(event.row), "user_id")) message.user = UserId{*user};
  message.expires_at = now + kTimeToLive;
  message.account = "webhook:" + message.destination;
  return message;
}

std::string challenge_body(const Uuid& word) { return fmt::format(R"({{"challenge":"{}"}})", word.text()); }

}  // namespace weir::notifications
