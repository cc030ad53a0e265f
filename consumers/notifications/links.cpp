#include "consumers/notifications/links.hpp"

#include "common/events/confirmation_token.hpp"
#include "common/events/unsubscribe_token.hpp"
#include "consumers/notifications/pure/confirmation.hpp"
#include "consumers/notifications/pure/link_marks.hpp"
#include "consumers/notifications/pure/preferences.hpp"

namespace weir::notifications {

namespace {

constexpr std::chrono::hours kConfirmationTime{7 * 24};

}  // namespace

std::string Links::unsubscribe_url(const QueuedMessage& message) const {
  const events::Unsubscription wish{message.organization, *message.user, message.channel, std::string(group_of(message.template_key))};
  return settings_.url + "/v1/unsubscribe/" + events::unsubscribe_token(settings_.keys.front(), wish);
}

std::string Links::confirmation_url(const QueuedMessage& message, std::int64_t version) const {
  const events::Confirmation confirmation{message.organization, *message.destination_id, version, message.created_at + kConfirmationTime};
  return settings_.url + "/v1/confirm/" + events::confirmation_token(settings_.keys.front(), confirmation);
}

void Links::put_into(Outgoing& outgoing, const QueuedMessage& message, std::int64_t version) const {
  if (!settings_.are_made() || message.channel != "email") return;
  // A mail that asks for a confirmation has no link that unsubscribes, because nobody has subscribed by that address yet.
  if (message.template_key == kConfirmationTemplate) {
    if (message.destination_id) outgoing.body = with_link(std::move(outgoing.body), kConfirmMark, confirmation_url(message, version));
  } else if (message.user) {
    outgoing.unsubscribe_url = unsubscribe_url(message);
    outgoing.body = with_link(std::move(outgoing.body), kUnsubscribeMark, outgoing.unsubscribe_url);
  }
}

}  // namespace weir::notifications
