// Order of locks in each slice of a unit of work: ids of messages, digests, rows of the queue that are cancelled; in the first two by
// primary key. Callbacks come last: rows of the queue, then of the ledger, as the deliverer takes them. Two instances meet at an id only
// where an event is repeated, so that it is rare that Postgres has to end one of their transactions. A wake-up takes the rows of the queue
// that nobody else has taken.
#include "consumers/notifications/consumer.hpp"

#include "common/group_state/seen_events.hpp"
#include "common/postgres/visibility.hpp"
#include "consumers/notifications/callbacks.hpp"
#include "consumers/notifications/decoders.hpp"
#include "consumers/notifications/facts.hpp"
#include "consumers/notifications/intake.hpp"
#include "consumers/notifications/untold_store.hpp"

#include <algorithm>

namespace weir::notifications {

namespace {

using postgres::Statements;
using runtime::Outcome;

constexpr Microseconds kWakeInterval = Seconds{1};
/// An event with many followers makes many messages: so many events' are in memory at a time.
constexpr std::size_t kEventsAtOnce = 500;

/// The tables with row security that are read or written.
const std::vector<postgres::TableName>& tables() {
  static const std::vector<postgres::TableName> names{{"public", "notifications"},
                                                      {"public", "notification_rules"},
                                                      {"public", "notification_templates"},
                                                      {"public", "notification_channels"},
                                                      {"public", "notification_preferences"},
                                                      {"public", "notification_subscriptions"},
                                                      {"public", "notification_destinations"},
                                                      {"public", "users"},
                                                      {"public", "agent_instances"},
                                                      {"public", "achievements"},
                                                      {"public", "files"}};
  return names;
}

/// Puts the new members of digests into them.
Result<void> gather(Statements& connection, std::vector<MessageRow>& rows, Instant now) {
  const auto key_of = [](const PlannedMessage& message) {
    return DigestKey{message.organization, *message.user, std::string(group_of(message.template_key)), message.channel};
  };
  std::map<DigestKey, Instant> wanted;
  for (const MessageRow& row : rows) {
    if (row.planned->digest_after) wanted.emplace(key_of(*row.planned), now + *row.planned->digest_after);
  }
  const auto open = WEIR_TRY(open_digests(connection, wanted, now));
  for (MessageRow& row : rows) {
    if (row.planned->digest_after) row.digest = open.at(key_of(*row.planned));
  }
  return {};
}

/// A batch, parted into events that make messages and callbacks, each with its index in the batch.
struct Parted {
  explicit Parted(std::span<const runtime::Event* const> batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (const auto* callback = dynamic_cast<const Callback*>(batch[i]->decoded.payload.get()); callback != nullptr) {
        callbacks.push_back(callback);
        places_of_callbacks.push_back(i);
      } else {
        events.push_back(&batch[i]->as<Fact>().event);
        places_of_events.push_back(i);
      }
    }
  }
  std::vector<const Occurrence*> events;
  std::vector<std::size_t> places_of_events;
  std::vector<const Callback*> callbacks;
  std::vector<std::size_t> places_of_callbacks;
};

/// How the events of a slice ended.
Result<std::vector<Outcome>> take(std::span<const Occurrence* const> slice, const MessageSettings& settings, Statements& connection,
                                  ZoneCache& zones, Instant now, News& news) {
  Intake intake(settings, now);
  for (const Occurrence* event : slice) intake.add(*event);
  if (intake.is_empty()) return intake.outcomes({});
  const Found found = WEIR_TRY(find_receivers(connection, intake.wanted(), zones, now));
  intake.plan_all(found);
  const auto fresh = WEIR_TRY(claim_keys(connection, intake.messages()));
  std::vector<MessageRow> rows = intake.fill(fresh, found);
  if (!rows.empty()) {
    WEIR_TRY(gather(connection, rows, now));
    WEIR_TRY(write_messages(connection, rows));
    WEIR_TRY(cancel_messages(connection, intake.cancellations(fresh)));
    news.add(rows);
  }
  return intake.outcomes(fresh);
}

/// Makes messages of disabled addresses by rules, as of all events.
Result<void> tell_owners(Statements& connection, const MessageSettings& settings, ZoneCache& zones, Instant now) {
  const std::vector<Occurrence> disabled = WEIR_TRY(take_untold(connection, now));
  if (disabled.empty()) return {};
  std::vector<const Occurrence*> events;
  for (const Occurrence& each : disabled) events.push_back(&each);
  News news;
  WEIR_TRY(take(events, settings, connection, zones, now, news));
  return news.ring(connection);
}

}  // namespace

runtime::Description description_of(const Options& options) {
  runtime::Description out{"notifications", options.group, {}, options.flush};
  for (const std::string& topic : options.changes) out.topics.push_back({topic, change_decoder});
  out.topics.push_back({options.actions, request_decoder});
  out.topics.push_back({options.callbacks, [keys = options.links.keys] { return callback_decoder(keys); }});
  return out;
}

Result<void> NotificationsConsumer::prepare(Statements& connection) {
  std::vector<std::string> needed{"weir.notification_keys",       "weir.notification_digests", "weir.delivery_queue",
                                  "weir.notification_intake_row", "weir.dead_mail_addresses",  "weir.event_ids"};
  for (const postgres::TableName& table : tables()) needed.push_back(table.text());
  const auto rows = WEIR_TRY(connection.query("notifications_tables", "SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NULL",
                                              postgres::Params{}.add_array(needed)));
  if (!rows.empty()) return fail(FaultKind::kPgSchema, "the database lacks " + rows[0].get<std::string>(0), "run: weir migrate up");
  return postgres::require_visible(connection, tables());
}

Result<std::vector<Outcome>> NotificationsConsumer::apply(std::span<const runtime::Event* const> batch, runtime::Fold*, runtime::Work& work,
                                                          Instant now) {
  Statements& connection = work.statements();
  const MessageSettings& settings = *WEIR_TRY(settings_.current(connection));
  const Parted parted(batch);
  News news;
  std::vector<Outcome> outcomes(batch.size());
  for (std::size_t at = 0; at < parted.events.size(); at += kEventsAtOnce) {
    const auto slice = std::span(parted.events).subspan(at, std::min(kEventsAtOnce, parted.events.size() - at));
    auto ended = WEIR_TRY(take(slice, settings, connection, zones_, now, news));
    for (std::size_t i = 0; i < ended.size(); ++i) outcomes[parted.places_of_events[at + i]] = std::move(ended[i]);
  }
  WEIR_TRY(news.ring(connection));
  auto ended = WEIR_TRY(take_callbacks(connection, options_.group, parted.callbacks));
  for (std::size_t i = 0; i < ended.size(); ++i) outcomes[parted.places_of_callbacks[i]] = std::move(ended[i]);
  return outcomes;
}

Result<void> NotificationsConsumer::wake(runtime::Work& work, Instant now) {
  Statements& connection = work.statements();
  WEIR_TRY(ensure_partitions(connection));
  const MessageSettings& settings = *WEIR_TRY(settings_.current(connection));
  WEIR_TRY(tell_owners(connection, settings, zones_, now));
  WEIR_TRY(group_state::forget_events(connection, options_.group));
  const bool more = WEIR_TRY(wake_up(connection, settings, zones_, memory_, now));
  next_wakeup_ = more ? Microseconds{0} : kWakeInterval;
  return {};
}

void NotificationsConsumer::settled(runtime::Settlement settlement) {
  // Twins whose cancelling was rolled back are looked for anew.
  if (settlement != runtime::Settlement::kCommitted) memory_ = {};
}

}  // namespace weir::notifications
