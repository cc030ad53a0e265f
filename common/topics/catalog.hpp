// schemas/topics.yaml: every topic as data. Read strictly: a wrong key or value is told with its place, all of them at once.
#pragma once

#include "common/core/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weir::topics {

struct TopicEntry {
  std::string name;                         // "weir.outbox.*": a pattern
  std::int32_t partitions = 0;              // 0: a pattern
  std::int32_t replication = -1;            // -1: the cluster's default
  std::string owner;                        // who alone writes it
  std::string key;                          // what orders its records
  std::string schema;                       // what its values are
  std::vector<std::string> ordered_groups;  // groups that rely on key order
  std::map<std::string, std::string> configuration;

  [[nodiscard]] bool is_pattern() const { return name.ends_with(".*"); }
};

/// `path` is what faults name.
[[nodiscard]] Result<std::vector<TopicEntry>> read_topic_catalog(std::string_view text, std::string_view path);
/// The one that this executable carries.
[[nodiscard]] Result<std::vector<TopicEntry>> shipped_topics();
/// The entry that a topic is held to: its own, else the longest pattern that fits; none.
[[nodiscard]] const TopicEntry* find_topic(const std::vector<TopicEntry>& catalog, std::string_view topic);

}  // namespace weir::topics
