// States the configuration of notifications; the code that runs a consumer is common to all.
#include "consumers/notifications/component.hpp"

#include "common/host/consumer_host.hpp"
#include "consumers/notifications/delivery.hpp"
#include "consumers/notifications/event_verification.hpp"
#include "consumers/notifications/result_checks.hpp"
#include "consumers/notifications/traces.hpp"
#include "consumers/notifications/verification.hpp"

namespace weir::notifications {

namespace {

using config::Field;
using config::Type;
using process::TableRow;
using process::TableUse;

/// Ids of messages are kept for 35 days (wakeup_store.cpp), and one day is left for reading again.
constexpr Microseconds kRereadWithin = std::chrono::hours{24 * 34};

/// The tables whose changes rules may be about, and the addresses, of which new endpoints are asked to prove themselves.
std::vector<TableRow> followed() {
  return {{"public.agent_executions", TableUse::kFollowsWhole},
          {"public.assessment_scores",
           TableUse::kFollows,
           "",
           {"organization_id", "response_id", "dimension", "user_id", "assessment_id", "instrument_version", "submitted_at", "created_at",
            "updated_at"}},
          {"public.insights",
           TableUse::kFollows,
           "",
           {"id", "organization_id", "user_id", "kind", "audience", "prompt_version", "created_at", "updated_at"}},
          {"public.achievements_unlocked",
           TableUse::kFollows,
           "user_id",
           {"organization_id", "user_id", "achievement_id", "unlocked_at", "created_at", "updated_at"}},
          {"public.alerts", TableUse::kFollowsWhole},
          {"public.files",
           TableUse::kFollows,
           "",
           {"id", "organization_id", "uploaded_by", "mime_type", "file_size", "status", "status_changed_at", "created_at", "updated_at"}},
          // A change of an address tells which endpoint has to be checked; the address itself is not published.
          {"public.notification_destinations",
           TableUse::kFollows,
           "",
           {"id", "organization_id", "user_id", "channel", "verified_at", "disabled_at", "created_at", "updated_at", "version"}}};
}

std::vector<TableRow> tables() {
  std::vector<TableRow> rows = followed();
  for (const char* table : {"public.notifications", "weir.notification_keys", "weir.notification_digests", "weir.delivery_queue",
                            "public.notification_attempts", "weir.rate_limit_buckets", "weir.dead_mail_addresses"}) {
    rows.push_back({table, TableUse::kWrites});
  }
  return rows;
}

std::vector<Field> fields() {
  std::vector<Field> rows = delivery_fields();
  const std::vector<Field> own{
      {.key = "consumers.notifications.topic_prefix",
       .type = Type::kText,
       .help = "Changes are read from PREFIX.public.agent_executions, assessment_scores, insights, achievements_unlocked, alerts, "
               "files and notification_destinations.",
       .fallback = "weir.cdc"},
      {.key = "consumers.notifications.actions_topic",
       .type = Type::kText,
       .help = "The topic of users' actions, of which applications' requests for messages are some.",
       .fallback = "weir.actions.v1"},
      {.key = "consumers.notifications.callbacks_topic",
       .type = Type::kText,
       .help = "The topic of what providers report of messages, and of clicks on links in mails.",
       .fallback = "weir.callbacks.v1"}};
  rows.insert(rows.begin(), own.begin(), own.end());
  for (Field& field : process::mail_link_fields()) rows.push_back(std::move(field));
  return rows;
}

}  // namespace

Options options_from(const config::Configuration& configuration) {
  Options options;
  const std::string prefix = configuration.text("consumers.notifications.topic_prefix") + ".";
  for (const TableRow& row : followed()) options.changes.push_back(prefix + row.name);
  options.actions = configuration.text("consumers.notifications.actions_topic");
  options.callbacks = configuration.text("consumers.notifications.callbacks_topic");
  options.flush = host::flush_limits(configuration, "notifications");
  return options;
}

process::Component notifications_component() {
  // Rules are read once for all records that are traced.
  const auto traced = std::make_shared<SettingsCache>(false);
  process::Component component = host::consumer_component(
      {.name = "notifications",
       .help = "Turn events into messages for people, by rules, templates and preferences that are data, and deliver them.",
       .fields = fields(),
       .max_records = "5000",
       .tables = tables(),
       .rereading = {.is_exact = true, .within = kRereadWithin, .without = {"consumers.notifications.callbacks_topic"}},
       .results = result_checks(),
       .describe = [](const config::Configuration& configuration) { return description_of(options_from(configuration)); },
       .make = [](const config::Configuration& configuration) -> Result<host::MakeConsumer> {
         Options options = options_from(configuration);
         options.links = WEIR_TRY(process::mail_links(configuration));
         return [options] { return std::make_unique<NotificationsConsumer>(options); };
       },
       .beside =
           [](const process::Context& context) {
             return parts_of(context.configuration).delivery ? delivery_loops() : std::vector<process::Loop>();
           },
       .has_made = [traced](const config::Configuration&, postgres::Statements& connection,
                            const runtime::Event& event) { return results_of(*traced, connection, event); },
       .origin = [traced](const config::Configuration& configuration, postgres::Statements& connection,
                          const process::RowToTrace& asked) { return origin_of(traced, options_from(configuration), connection, asked); },
       .verifies = [](process::Context& context, postgres::Statements& connection, const process::Period& period,
                      process::ResultDifferences& found) -> Result<void> {
         const std::string prefix = context.configuration.text("consumers.notifications.topic_prefix") + ".";
         WEIR_TRY(verify_results(connection, {.topic_prefix = prefix}, period, found));
         return verify_events(context, connection, options_from(context.configuration), period, found);
       }});
  component.run = [both = component.run](process::Context& context) -> Result<void> {
    return parts_of(context.configuration).intake ? both(context) : process::run_side_by_side(context, delivery_loops());
  };
  component.examples.emplace_back("weir notifications --deliver");
  return component;
}

}  // namespace weir::notifications
