// Records that no producer of weir would write, put straight into the topics: each must become one dead letter, and stop nothing.
#pragma once

#include "common/core/time.hpp"
#include "common/kafka/producer.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::demo {

struct BrokenRecord {
  std::string topic;
  std::optional<std::string> key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// A table of all kinds: malformed JSON, no envelope, an unknown op, a row without organization, a wrong type, an action without
/// organization.
[[nodiscard]] std::vector<BrokenRecord> broken_records();

/// Writes one record of each kind and waits until the broker has them. Gives how many they are.
[[nodiscard]] Result<std::size_t> write_broken_records(const kafka::Settings& settings);

}  // namespace weir::demo
