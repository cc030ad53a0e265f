#include "producers/cdc/outbox_batch.hpp"

#include "common/core/json.hpp"
#include "producers/cdc/stream_position.hpp"

#include <fmt/format.h>
#include <simdjson.h>

namespace weir::cdc {

namespace {

namespace dom = simdjson::dom;

// A topic takes a record of 1 MiB by default.
constexpr std::size_t kBatchIds = 5'000;
constexpr std::size_t kBatchBytes = 256UL << 10U;

tl::unexpected<Fault> unreadable(std::string_view what) {
  return fail(FaultKind::kData, fmt::format("the stored ids of events whose rows weir cdc is to delete cannot be read: {}", what),
              "the topic of positions is written by weir cdc alone; has something else written to it?");
}

std::string key_head(std::string_view position_key) { return std::string(key_beginning(position_key)) + R"(,"outbox":)"; }

}  // namespace

std::vector<OutboxBatch> batches_of(std::vector<std::string> ids, std::uint64_t first) {
  std::vector<OutboxBatch> batches;
  std::size_t bytes = 0;
  for (std::string& id : ids) {
    if (batches.empty() || batches.back().ids.size() >= kBatchIds || bytes >= kBatchBytes) {
      batches.push_back({first + batches.size(), {}});
      bytes = 0;
    }
    bytes += id.size();
    batches.back().ids.push_back(std::move(id));
  }
  return batches;
}

std::string outbox_key(std::string_view position_key, std::uint64_t number) {
  return fmt::format("{}{}}}", key_head(position_key), number);
}

bool is_outbox_key(std::string_view position_key, std::string_view key) { return key.starts_with(key_head(position_key)); }

std::string outbox_value(std::string_view system_identifier, const OutboxBatch& batch) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("system_identifier", system_identifier).name("ids").begin_array();
  for (const std::string& id : batch.ids) json.value(id);
  json.end_array().end_object();
  return out;
}

Result<std::optional<OutboxBatch>> parse_outbox_batch(std::string_view key, std::string_view value, std::string_view system_identifier) {
  dom::parser keys;
  dom::parser values;
  dom::object object;
  dom::array ids;
  std::string_view system;
  OutboxBatch batch;
  if (keys.parse(key.data(), key.size())["outbox"].get(batch.number) != simdjson::SUCCESS) return unreadable("the key has no number");
  if (values.parse(value.data(), value.size()).get(object) != simdjson::SUCCESS) return unreadable("they are not a JSON object");
  if (object["system_identifier"].get(system) != simdjson::SUCCESS) return unreadable("'system_identifier' is missing");
  if (object["ids"].get(ids) != simdjson::SUCCESS) return unreadable("'ids' is missing");
  if (system != system_identifier) return std::nullopt;
  for (const dom::element element : ids) {
    std::string_view id;
    if (element.get(id) != simdjson::SUCCESS) return unreadable("an id is no text");
    batch.ids.emplace_back(id);
  }
  return batch;
}

}  // namespace weir::cdc
