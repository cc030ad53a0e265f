#include "consumers/notifications/event_verification.hpp"

#include "common/core/json.hpp"
#include "consumers/notifications/facts.hpp"
#include "consumers/notifications/verification_store.hpp"

#include <algorithm>

namespace weir::notifications {

namespace {

class EventVerification {
 public:
  EventVerification(postgres::Statements& connection, const std::string& group, const MessageSettings& settings, std::set<Uuid> changed,
                    process::ResultDifferences& found)
      : connection_(connection), group_(group), settings_(settings), changed_(std::move(changed)), found_(found) {}

  Result<void> take(const host::TakenEvents& events) {
    asked_.clear();
    for (const host::TakenEvent& event : events) {
      ++counts_[event.record.topic];
      ask(event);
    }
    for (const auto& [topic, count] : counts_) found_.compared(topic, count);
    counts_.clear();
    return tell();
  }

 private:
  struct Asked {
    const host::TakenEvent* event;
    const Rule* rule;
    OrganizationId organization;
    UserId user;
    std::string cause;
  };

  /// As the intake matches events with rules. Of a message for a user one is made always, suppressed or not, once the user is there.
  void ask(const host::TakenEvent& taken) {
    const Occurrence& event = taken.event.as<Fact>().event;
    settings_.rules.for_each(event.organization, event.source, event.topic, event.row, [&](const Rule& rule) {
      const bool is_asked = rule.template_key.empty() == event.request.has_value() && rule.audience == Audience::kUser;
      const auto& channels = event.request ? event.request->channels : rule.channels;
      if (!is_asked || channels.empty() || changed_.contains(rule.id)) return;
      const auto user = uuid_in(newest(event.row), rule.receiver);
      if (user) asked_.push_back({&taken, &rule, event.organization, UserId{*user}, cause_of(event, rule)});
    });
  }

  Result<void> tell() {
    std::vector<std::pair<OrganizationId, std::string>> causes;
    for (const Asked& one : asked_) causes.emplace_back(one.organization, one.cause);
    const auto known = WEIR_TRY(known_causes(connection_, causes));
    std::erase_if(asked_, [&](const Asked& one) { return known.contains({one.organization, one.cause}); });
    if (asked_.empty()) return {};
    std::set<UserId> users;
    std::vector<RecordPlace> places;
    for (const Asked& one : asked_) {
      users.insert(one.user);
      places.push_back({one.event->record.topic, one.event->record.partition, one.event->record.offset});
    }
    const auto present = WEIR_TRY(users_present(connection_, users));
    const auto letters = WEIR_TRY(places_with_letters(connection_, group_, places));
    for (std::size_t i = 0; i < asked_.size(); ++i) {
      const Asked& one = asked_[i];
      if (!present.contains({one.organization, one.user}) || letters.contains(places[i])) continue;
      std::string key;
      JsonWriter(key).begin_object().member("partition", std::int64_t{places[i].partition}).member("offset", places[i].offset).end_object();
      found_.add({places[i].topic, key, "message", "none", "by rule " + one.rule->key});
    }
    return {};
  }

  postgres::Statements& connection_;
  const std::string& group_;
  const MessageSettings& settings_;
  std::set<Uuid> changed_;
  process::ResultDifferences& found_;
  std::map<std::string, std::int64_t> counts_;
  std::vector<Asked> asked_;
};

}  // namespace

Result<void> verify_events(const process::Context& context, postgres::Statements& connection, const Options& options,
                           const process::Period& period, process::ResultDifferences& found) {
  const process::Period kept{std::max(period.from, WEIR_TRY(keys_kept_from(connection))), period.to};
  if (kept.from >= kept.to) return {};
  SettingsCache cache(false);
  const MessageSettings* settings = WEIR_TRY(cache.current(connection));
  EventVerification verification(connection, options.group, *settings, WEIR_TRY(rules_changed_since(connection, kept.from)), found);
  std::set<std::string> topics(options.changes.begin(), options.changes.end());
  topics.insert(options.actions);
  return host::read_taken(context, connection, description_of(options), topics, kept,
                          [&](const host::TakenEvents& events) { return verification.take(events); });
}

}  // namespace weir::notifications
