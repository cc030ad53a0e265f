#include "consumers/notifications/callbacks.hpp"

#include "common/group_state/seen_events.hpp"
#include "consumers/notifications/callbacks_store.hpp"
#include "consumers/notifications/dead_addresses_store.hpp"

namespace weir::notifications {

namespace {

using postgres::Statements;
using runtime::Done;
using runtime::Outcome;
using runtime::Skipped;

/// The callbacks of one kind, each with its index among all.
template <class Kind>
struct Chosen {
  std::vector<Kind> items;
  std::vector<std::size_t> places;
};

template <class Kind>
Chosen<Kind> choose(std::span<const Callback* const> callbacks) {
  Chosen<Kind> chosen;
  for (std::size_t i = 0; i < callbacks.size(); ++i) {
    const auto* of_kind = std::get_if<Kind>(&callbacks[i]->what);
    if (of_kind == nullptr) continue;
    chosen.items.push_back(*of_kind);
    chosen.places.push_back(i);
  }
  return chosen;
}

/// Applies a report to its message in `messages`, so that a later report of the same batch meets the new status, and a repetition is
/// skipped.
Outcome take_report(const MailReport& report, std::map<Uuid, SentMessage>& messages, std::vector<DeadAddress>& dead) {
  const auto found = messages.find(report.message);
  if (found == messages.end()) return Skipped{"unknown_message"};
  SentMessage& message = found->second;
  switch (rise_of(message.status, report.status)) {
    case Rise::kRepeats:
      return Skipped{"duplicate"};
    case Rise::kOutranked:
      return Skipped{"outranked"};
    case Rise::kEnded:
      return Skipped{"message_ended"};
    case Rise::kRises:
      break;
  }
  message.status = report.status;
  message.reason = report.reason;
  message.is_changed = true;
  if (report.is_address_dead) {
    dead.push_back({.organization = message.organization,
                    .destination = message.destination,
                    .user = message.user,
                    .address = report.address,
                    .reason = report.status,
                    .sent_at = message.created_at});
  }
  return Done{};
}

/// A provider repeats what was not answered. A message's status alone does not tell a repetition, because the message may have been sent
/// again since. Clicks have no identity: the link that was followed a second time says the same as before.
Result<Chosen<MailReport>> leave_out_repeats(Statements& connection, std::string_view group, Chosen<MailReport> reports,
                                             std::vector<Outcome>& out) {
  std::vector<Uuid> events;
  for (const MailReport& report : reports.items) events.push_back(report.event);
  if (events.empty()) return reports;
  auto fresh = WEIR_TRY(group_state::claim_events(connection, group, events));
  Chosen<MailReport> left;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (fresh.erase(events[i]) == 0) {
      out[reports.places[i]] = Skipped{"duplicate"};
      continue;
    }
    left.items.push_back(std::move(reports.items[i]));
    left.places.push_back(reports.places[i]);
  }
  return left;
}

Result<void> take_reports(Statements& connection, std::string_view group, Chosen<MailReport> all, std::vector<Outcome>& out) {
  const Chosen<MailReport> reports = WEIR_TRY(leave_out_repeats(connection, group, std::move(all), out));
  std::vector<Uuid> ids;
  for (const MailReport& report : reports.items) ids.push_back(report.message);
  auto messages = WEIR_TRY(find_sent(connection, ids));
  std::vector<DeadAddress> dead;
  for (std::size_t i = 0; i < reports.items.size(); ++i) out[reports.places[i]] = take_report(reports.items[i], messages, dead);
  WEIR_TRY(write_sent(connection, messages));
  return disable_addresses(connection, dead);
}

Outcome outcome_of(Told told) {
  switch (told) {
    case Told::kWritten:
      return Done{};
    case Told::kKnown:
      return Skipped{"duplicate"};
    case Told::kNobody:
      return Skipped{"unknown_user"};
  }
  return Done{};
}

Result<void> take_unsubscriptions(Statements& connection, const Chosen<Unsubscribed>& clicks, std::vector<Outcome>& out) {
  Wishes wishes;
  for (const Unsubscribed& click : clicks.items) wishes.emplace(click.wish, click.token_hash);
  auto told = WEIR_TRY(unsubscribe(connection, wishes));
  for (std::size_t i = 0; i < clicks.items.size(); ++i) {
    Told& of_wish = told[clicks.items[i].wish];
    out[clicks.places[i]] = outcome_of(of_wish);
    if (of_wish == Told::kWritten) of_wish = Told::kKnown;  // so that a second click in the batch is a repetition
  }
  return {};
}

Outcome outcome_of(Confirmed confirmed) {
  switch (confirmed) {
    case Confirmed::kVerified:
      return Done{};
    case Confirmed::kKnown:
      return Skipped{"duplicate"};
    case Confirmed::kChanged:
      return Skipped{"address_changed"};
    case Confirmed::kDisabled:
      return Skipped{"address_disabled"};
    case Confirmed::kGone:
      return Skipped{"unknown_destination"};
  }
  return Done{};
}

Result<void> take_confirmations(Statements& connection, const Chosen<events::Confirmation>& clicks, std::vector<Outcome>& out) {
  const auto confirmed = WEIR_TRY(verify_addresses(connection, clicks.items));
  for (std::size_t i = 0; i < confirmed.size(); ++i) out[clicks.places[i]] = outcome_of(confirmed[i]);
  return {};
}

}  // namespace

Result<std::vector<Outcome>> take_callbacks(Statements& connection, std::string_view group, std::span<const Callback* const> callbacks) {
  std::vector<Outcome> out(callbacks.size());
  WEIR_TRY(take_reports(connection, group, choose<MailReport>(callbacks), out));
  WEIR_TRY(take_unsubscriptions(connection, choose<Unsubscribed>(callbacks), out));
  WEIR_TRY(take_confirmations(connection, choose<events::Confirmation>(callbacks), out));
  return out;
}

}  // namespace weir::notifications
