#include "consumers/notifications/pure/confirmation.hpp"

#include "consumers/notifications/pure/challenge.hpp"
#include "consumers/notifications/pure/link_marks.hpp"
#include "consumers/notifications/pure/plan.hpp"

namespace weir::notifications {

namespace {

constexpr Seconds kUnsaidTimeToLive{86'400};  // of a message without a template, which is never sent

/// The reason why no mail goes; "" where it goes.
std::string_view obstacle(const PlannedMessage& message, const MessageSettings& settings) {
  if (message.text == nullptr) return "no_template";
  if (!settings.channels.is_enabled(message.organization, Channel::kEmail)) return "channel_disabled";
  return settings.has_links ? "" : "no_links";
}

}  // namespace

bool asks_for_confirmation(const Occurrence& event) { return unproven_destination(event, Channel::kEmail).has_value(); }

PlannedMessage plan_confirmation(const Occurrence& event, const Person* person, const MessageSettings& settings, Instant now) {
  PlannedMessage message = ask_for_proof(event, *unproven_destination(event, Channel::kEmail), Channel::kEmail, kConfirmationTemplate, now);
  if (person != nullptr) message.user = person->user;
  message.text = settings.templates.find(event.organization, kConfirmationTemplate, Channel::kEmail,
                                         person == nullptr ? std::string_view("en") : std::string_view(person->locale));
  message.expires_at = now + (message.text == nullptr ? kUnsaidTimeToLive : message.text->row().time_to_live);
  message.account = settings.channels.account(event.organization, Channel::kEmail, message.destination);
  message.reason = obstacle(message, settings);
  if (!message.reason.empty()) message.status = "suppressed";
  return message;
}

Variables confirmation_values() { return {{"confirmUrl", Variable::of_text(std::string(kConfirmMark))}}; }

}  // namespace weir::notifications
