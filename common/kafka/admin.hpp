// Topics, offsets and groups, as the operator's commands and the start-up checks need them.
#pragma once

#include "common/core/uuid.hpp"
#include "common/kafka/client.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::kafka {

struct TopicState {
  std::string name;
  Uuid id;
  std::int32_t partitions = 0;
  std::int32_t replication = 0;
  std::int32_t in_sync = 0;                          // the fewest in-sync replicas that a partition has
  std::map<std::string, std::string> configuration;  // only filled by describe_topics
};

struct TopicSpec {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replication = 1;
  std::map<std::string, std::string> configuration;
};

struct PartitionRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;  // last stable offset (read_committed)
};

/// One record as read_topic gives it; owned.
struct StoredRecord {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

class Admin {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Admin>> open(const Settings& settings);
  virtual ~Admin() = default;

  /// One round trip to any broker. Fault kKafkaRetriable where none answers within `patience`.
  virtual Result<void> ping(Milliseconds patience) = 0;
  virtual Result<std::vector<TopicState>> list_topics() = 0;
  /// With ids and configuration (an embedded broker gives no configuration). A topic that does not exist is left out.
  virtual Result<std::vector<TopicState>> describe_topics(const std::vector<std::string>& names) = 0;
  /// Fault kConfiguration where one exists already.
  virtual Result<void> create_topics(const std::vector<TopicSpec>& topics) = 0;
  /// As create_topics, but a topic that exists already is left as it is: another program may have made it, or an earlier try whose topics
  /// the brokers did not know yet.
  virtual Result<void> ensure_topics(const std::vector<TopicSpec>& topics) = 0;
  virtual Result<void> raise_partitions(const std::string& topic, std::int32_t partitions) = 0;
  virtual Result<void> set_topic_configuration(const std::string& topic, const std::map<std::string, std::string>& configuration) = 0;
  /// Sets only the settings that differ from the group's own. Where none differs nothing is asked for, so that a role works which may not
  /// change a group.
  virtual Result<void> set_group_configuration(const std::string& group, const std::map<std::string, std::string>& configuration) = 0;
  virtual Result<void> delete_topic(const std::string& topic) = 0;
  /// Deletes a partition's records below `offset`, as retention does.
  virtual Result<void> delete_records(const std::string& topic, std::int32_t partition, std::int64_t offset) = 0;
  virtual Result<PartitionRange> range(const std::string& topic, std::int32_t partition) = 0;
  /// The high watermark: the offset behind all records, also those of transactions that have not ended. A commit's answer comes some
  /// milliseconds before its markers are written, so whoever waits for committed records waits until reading has reached this offset.
  virtual Result<std::int64_t> high_watermark(const std::string& topic, std::int32_t partition) = 0;
  /// Reads every record of the topic that is there now, read_committed, to the last stable offset of each partition. A commit's answer
  /// comes some milliseconds before its markers are written, so the records of a transaction that another producer has just committed may
  /// be missing; they never are after init_transactions with that producer's id. `patience` is how long no record may come before this
  /// gives up.
  virtual Result<void> read_topic(const std::string& topic, const std::function<void(StoredRecord)>& each, Milliseconds patience) = 0;
};

/// The first record of each partition at or after its offset, read_committed; a partition whose log ends there is left out. They tell the
/// age of the records that wait. `patience` is how long no record may come before this gives up.
[[nodiscard]] Result<std::vector<StoredRecord>> first_records(const Settings& settings, const std::string& topic,
                                                              const std::map<std::int32_t, std::int64_t>& offsets, Milliseconds patience);

}  // namespace weir::kafka
