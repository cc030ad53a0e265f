#include "producers/cdc/settings.hpp"

#include "common/process/services.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::cdc {

namespace {

bool is_within(const std::string& topic, const std::string& prefix) { return (topic + ".").starts_with(prefix + "."); }

/// The topic, or the prefix of topics, that events could reach although it is not theirs; empty: none. Whoever writes into the outbox
/// chooses the last part of a topic's name.
std::string reached(const OutboxSettings& outbox, const std::string& changes, const std::string& positions) {
  if (is_within(changes, outbox.topic_prefix) || is_within(outbox.topic_prefix, changes) || is_within(outbox.dlq_topic, changes))
    return changes;
  return is_within(positions, outbox.topic_prefix) || outbox.dlq_topic == positions ? positions : std::string();
}

Result<OutboxSettings> outbox_settings(const config::Configuration& from, const Settings& settings) {
  OutboxSettings outbox;
  outbox.table = TableName::parse(from.text("cdc.outbox.table"));
  outbox.topic_prefix = from.text("cdc.outbox.topic_prefix");
  outbox.dlq_topic = from.text("cdc.outbox.dlq_topic");
  if (from.has("cdc.outbox.types")) outbox.types = from.list("cdc.outbox.types");
  if (const auto own = reached(outbox, settings.tables.topic_prefix, settings.publisher.position_topic); !own.empty()) {
    return fail(FaultKind::kConfiguration, fmt::format("events of the outbox could be written to {}, where changes or positions are", own),
                "name other topics in cdc.outbox.topic_prefix and cdc.outbox.dlq_topic");
  }
  const auto& tables = settings.tables.tables;
  const bool is_default = outbox.table == TableName{"weir", "outbox"};
  if (is_default || tables.empty() || std::find(tables.begin(), tables.end(), outbox.table) != tables.end()) return outbox;
  return fail(FaultKind::kConfiguration, fmt::format("cdc.outbox.table names {}, which cdc.tables does not name", outbox.table.text()),
              "name it in cdc.tables too, so that its events are published");
}

}  // namespace

Result<Settings> read_settings(const config::Configuration& from) {
  Settings settings;
  settings.postgres = process::postgres_settings(from, "weir cdc", "cdc.dsn");
  settings.source_name = from.text("cdc.source_name");
  settings.stream.slot = from.text("cdc.slot");
  settings.stream.publication = from.text("cdc.publication");
  settings.stream.limits.max_transaction_events = static_cast<std::uint64_t>(from.integer("cdc.max_transaction_events"));
  settings.stream.heartbeat = from.duration("cdc.heartbeat");
  settings.stream.retained_limit = from.bytes("cdc.retained_limit");
  settings.stream.queue_bytes = from.bytes("cdc.queue_bytes");
  settings.publisher.kafka = process::kafka_settings(from, "weir-cdc");
  settings.publisher.delivery = from.text("cdc.delivery") == "exactly_once" ? Delivery::kExactlyOnce : Delivery::kAtLeastOnce;
  settings.publisher.position_topic = from.text("cdc.position_topic");
  settings.publisher.max_record_bytes = from.bytes("cdc.max_record_bytes");
  settings.publisher.partitions = static_cast<std::int32_t>(from.integer("cdc.partitions"));
  settings.tables = WEIR_TRY(table_settings(settings.stream.publication, from.text("cdc.topic_prefix"),
                                            from.has("cdc.tables") ? from.list("cdc.tables") : std::vector<std::string>{},
                                            from.has("cdc.keys") ? from.map("cdc.keys") : std::map<std::string, std::string>{}));
  settings.tables.outbox = WEIR_TRY(outbox_settings(from, settings));
  settings.publisher.outbox = settings.tables.outbox.table.text();
  return settings;
}

}  // namespace weir::cdc
