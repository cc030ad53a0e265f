// The topics that records go to: made where they are missing, and checked, before a record is sent there. Also while streaming: a table may
// come into the publication at any time, and a broker that makes no topics by itself would hold all tables back for the sake of one.
#pragma once

#include "common/kafka/admin.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cdc {

struct TopicSettings {
  std::string position_topic;
  std::size_t max_record_bytes = 8UL << 20U;
  std::int32_t partitions = 6;  // of topics that are not there yet
  // A broker has refused a record: each goes in a batch of its own now, slowly, so that the fault can name its change. Topics are not
  // checked meanwhile, since what is wrong with one of them is what is looked for.
  bool one_by_one = false;
};

/// Borrows what it is made of. Not thread-safe.
class Topics {
 public:
  Topics(kafka::Admin& admin, const TopicSettings& settings) : admin_(admin), settings_(settings) {}

  /// Makes those that are missing; checks that the topic of positions is compacted and has one partition, that the others are not compacted
  /// and take records of max_record_bytes. A record that its topic refuses would hold back all that come after it.
  [[nodiscard]] Result<void> prepare(const std::vector<std::string>& names);
  /// The same for a topic of changes that was not prepared yet; else it costs nothing.
  [[nodiscard]] Result<void> require(const std::string& name);

 private:
  [[nodiscard]] Result<void> make(const std::vector<kafka::TopicSpec>& missing);

  kafka::Admin& admin_;
  const TopicSettings& settings_;
  std::set<std::string, std::less<>> prepared_;
  std::string last_;
};

}  // namespace weir::cdc
