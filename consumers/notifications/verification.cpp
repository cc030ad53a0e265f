#include "consumers/notifications/verification.hpp"

#include "common/core/json.hpp"
#include "consumers/notifications/row_fields.hpp"
#include "consumers/notifications/verification_store.hpp"

#include <algorithm>

namespace weir::notifications {

namespace {

constexpr auto kMessages = "public.notifications";
constexpr std::size_t kMostLost = 1'000;

std::string key_of(const char* column, const Uuid& id) {
  std::string key;
  JsonWriter(key).begin_object().member(column, id.text()).end_object();
  return key;
}

/// Whether the rule makes a message of the inserted row for its user, whatever the user wishes and whatever addresses there are, under a
/// cause that follows from the row: a column of time has other texts in a change than in the database.
bool is_asked(const Rule& rule, const std::set<Uuid>& changed) {
  const auto is_time = [](const std::string& column) { return column.ends_with("_at"); };
  return rule.audience == Audience::kUser && rule.receiver == "user_id" && !rule.template_key.empty() && !rule.dedupe.empty() &&
         std::ranges::none_of(rule.dedupe, is_time) && !changed.contains(rule.id);
}

class Verification {
 public:
  Verification(postgres::Statements& connection, const VerifyOptions& options, const process::Period& period,
               process::ResultDifferences& found)
      : connection_(connection), options_(options), period_(period), found_(found) {}

  Result<void> run() {
    const Instant kept_from = WEIR_TRY(keys_kept_from(connection_));
    WEIR_TRY(messages(kept_from));
    WEIR_TRY(lost());
    const MessageSettings* settings = WEIR_TRY(settings_.current(connection_));
    const std::set<Uuid> changed = WEIR_TRY(rules_changed_since(connection_, period_.from));
    for (const char* table : {"public.assessment_scores", "public.achievements_unlocked"}) {
      const process::Period kept{std::max(period_.from, kept_from), period_.to};
      WEIR_TRY(begin_sources(connection_, table, options_.group, options_.topic_prefix + table, kept));
      while (true) {
        const std::vector<SourceRow> rows = WEIR_TRY(next_sources(connection_, table));
        if (rows.empty()) break;
        WEIR_TRY(sources(table, rows, *settings, changed));
      }
      WEIR_TRY(end_sources(connection_, table));
    }
    return {};
  }

 private:
  Result<void> messages(Instant kept_from) {
    WEIR_TRY(begin_messages(connection_, period_));
    while (true) {
      const std::vector<LedgerMessage> some = WEIR_TRY(next_messages(connection_));
      if (some.empty()) return {};
      found_.compared(kMessages, static_cast<std::int64_t>(some.size()));
      for (const LedgerMessage& message : some) {
        for (const MessageFault& fault : faults_of(message, message.created_at >= kept_from)) {
          found_.add({kMessages, key_of("id", message.id), fault.column, fault.stored, fault.source});
        }
      }
    }
  }

  Result<void> lost() {
    for (const Uuid& id : WEIR_TRY(missing_messages(connection_, period_, kMostLost))) {
      found_.add({kMessages, key_of("id", id), "row", "no row", "a row"});
    }
    for (const Uuid& id : WEIR_TRY(queued_without_message(connection_, period_, kMostLost))) {
      found_.add({"weir.delivery_queue", key_of("notification_id", id), "row", "a row", "no row"});
    }
    found_.compared("weir.notification_digests", WEIR_TRY(digests_closed(connection_, period_)));
    for (const Uuid& id : WEIR_TRY(digests_untold(connection_, period_, kMostLost))) {
      found_.add({"weir.notification_digests", key_of("id", id), "message", "none", "a message of what it gathered"});
    }
    return {};
  }

  /// Each row of which a rule makes a message has at least one, also where it was suppressed or came too late.
  Result<void> sources(const std::string& table, const std::vector<SourceRow>& rows, const MessageSettings& settings,
                       const std::set<Uuid>& changed) {
    struct Asked {
      const SourceRow* row;
      const Rule* rule;
    };
    std::vector<Asked> asked;
    std::vector<std::pair<OrganizationId, std::string>> causes;
    found_.compared(table, static_cast<std::int64_t>(rows.size()));
    for (const SourceRow& row : rows) {
      if (!row.has_user) continue;
      Occurrence event;
      event.organization = row.organization;
      event.source = table;
      event.topic = options_.topic_prefix + table;
      event.row = {Operation::kInsert, std::nullopt, reader_.read(row.value).after};
      settings.rules.for_each(event.organization, event.source, event.topic, event.row, [&](const Rule& rule) {
        if (!is_asked(rule, changed)) return;
        asked.push_back({&row, &rule});
        causes.emplace_back(row.organization, cause_of(event, rule));
      });
    }
    const auto known = WEIR_TRY(known_causes(connection_, causes));
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (known.contains(causes[i])) continue;
      found_.add({table, asked[i].row->key, "message", "none", "by rule " + asked[i].rule->key, asked[i].row->source_id});
    }
    return {};
  }

  postgres::Statements& connection_;
  const VerifyOptions& options_;
  const process::Period& period_;
  process::ResultDifferences& found_;
  SettingsCache settings_{false};
  RowFieldsReader reader_;
};

}  // namespace

Result<void> verify_results(postgres::Statements& connection, const VerifyOptions& options, const process::Period& period,
                            process::ResultDifferences& found) {
  return Verification(connection, options, period, found).run();
}

}  // namespace weir::notifications
