// What separates a broker from the catalog of topics, and what is done about it. The comparison is pure.
#pragma once

#include "common/kafka/admin.hpp"
#include "common/topics/catalog.hpp"

#include <string>
#include <vector>

namespace weir::topics {

enum class TopicStep : std::uint8_t {
  kCreate,     // the topic is not there
  kConfigure,  // a setting differs
  kRaise,      // fewer partitions than declared: moves keys, so only on demand
  kShrink,     // a setting that would throw records away or refuse what was accepted: only on demand
  kKeep,       // weir changes nothing: more partitions than declared, which Kafka cannot take back; replicas
};
[[nodiscard]] std::string_view step_name(TopicStep step);

struct TopicDifference {
  std::string topic;
  std::string setting;  // "partitions", "retention.ms", "replication"; "topic" where it is not there
  std::string is;       // as the broker has it; "" where there is none
  std::string wanted;
  TopicStep step = TopicStep::kCreate;
  std::string note;  // what the operator has to know
};

/// In the catalog's order; `existing` with configuration (Admin::describe_topics).
[[nodiscard]] std::vector<TopicDifference> compare_topics(const std::vector<TopicEntry>& catalog,
                                                          const std::vector<kafka::TopicState>& existing);

struct ApplyOptions {
  bool raise = false;
  bool shrink = false;
};
/// Whether apply_topics() carries this one out.
[[nodiscard]] bool is_applied(const TopicDifference& difference, const ApplyOptions& options);

[[nodiscard]] Result<std::vector<TopicDifference>> diff_topics(kafka::Admin& admin, const std::vector<TopicEntry>& catalog);
/// Deletes nothing; makes, configures, and on demand raises and shrinks. The differences as they were before, in the catalog's order.
[[nodiscard]] Result<std::vector<TopicDifference>> apply_topics(kafka::Admin& admin, const std::vector<TopicEntry>& catalog,
                                                                const ApplyOptions& options = {});

}  // namespace weir::topics
