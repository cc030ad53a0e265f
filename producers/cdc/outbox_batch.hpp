// Ids of events that were published and whose rows are still to be deleted. They stand in the topic of positions, written in the Kafka
// transaction that holds the events, so that a process which dies before the deletion leaves to the next one exactly what is to be deleted.
// A record without a value follows once the rows are gone.
//
//   key   := the position's key with one more member, "outbox": n
//   value := { "system_identifier", "ids": [ text … ] }
#pragma once

#include "common/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cdc {

struct OutboxBatch {
  std::uint64_t number = 0;
  std::vector<std::string> ids;
  friend bool operator==(const OutboxBatch&, const OutboxBatch&) = default;
};

/// Divides the ids into batches that each fit a record, numbered from `first` on.
[[nodiscard]] std::vector<OutboxBatch> batches_of(std::vector<std::string> ids, std::uint64_t first);

[[nodiscard]] std::string outbox_key(std::string_view position_key, std::uint64_t number);
[[nodiscard]] bool is_outbox_key(std::string_view position_key, std::string_view key);
[[nodiscard]] std::string outbox_value(std::string_view system_identifier, const OutboxBatch& batch);
/// None where the batch is of another server. Fault kData where it cannot be read.
[[nodiscard]] Result<std::optional<OutboxBatch>> parse_outbox_batch(std::string_view key, std::string_view value,
                                                                    std::string_view system_identifier);

}  // namespace weir::cdc
