#include "producers/cdc/settings.hpp"

#include "common/process/services.hpp"

namespace weir::cdc {

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
  return settings;
}

}  // namespace weir::cdc
