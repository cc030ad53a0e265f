// Makes the topics that records go to where they are missing, and checks them, before a record is sent there. This happens also while
// streaming, because a table may come into the publication at any time: without its topic, its first record would hold back the changes of
// all tables.
#pragma once

#include "common/kafka/admin.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cdc {

/// A setting that is a row of the configuration has its default there, and none here.
struct TopicSettings {
  std::string position_topic;
  std::size_t max_record_bytes = 0;
  std::int32_t partitions = 0;  // of topics that are still to be made
  // True after a broker has refused a record: each record then goes in a batch of its own, slowly, so that the fault can name the change.
  // Topics are not checked meanwhile, because a topic's fault would end the capture before the refused record is found.
  bool one_by_one = false;
};

/// Borrows the arguments of its constructor. Not thread-safe.
class Topics {
 public:
  Topics(kafka::Admin& admin, const TopicSettings& settings) : admin_(admin), settings_(settings) {}

  /// Makes the missing topics. Checks that the topic of positions is compacted and has one partition, and that the others are not compacted
  /// and take records of max_record_bytes, because a record that its topic refuses would hold back all that follow.
  [[nodiscard]] Result<void> prepare(const std::vector<std::string>& names);
  /// Does the same for a topic of changes that was not prepared yet; for a prepared topic it costs nothing.
  [[nodiscard]] Result<void> require(const std::string& name);

 private:
  kafka::Admin& admin_;
  const TopicSettings& settings_;
  std::set<std::string, std::less<>> prepared_;
  std::string last_;
};

}  // namespace weir::cdc
