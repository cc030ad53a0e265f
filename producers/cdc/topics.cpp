#include "producers/cdc/topics.hpp"

#include "producers/cdc/unpublishable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weir::cdc {

namespace {

// Records get the broker's time, because a broker refuses a record that is an hour ahead of its own clock, and that would end the stream.
constexpr std::pair<const char*, const char*> kTimestamps{"message.timestamp.type", "LogAppendTime"};

kafka::TopicSpec position_topic(const TopicSettings& settings) {
  return {settings.position_topic, 1, -1, {{"cleanup.policy", "compact"}, kTimestamps}};
}

kafka::TopicSpec change_topic(const TopicSettings& settings, const std::string& name) {
  return {name,
          settings.partitions,
          -1,
          {{"cleanup.policy", "delete"}, {"max.message.bytes", std::to_string(settings.max_record_bytes + (1UL << 20U))}, kTimestamps}};
}

Result<void> check_position_topic(const kafka::TopicState& topic) {
  const auto policy = topic.configuration.find("cleanup.policy");
  // The embedded broker has no configuration; it keeps everything that fits, and reports what it drops.
  const bool compacted = topic.configuration.empty() || (policy != topic.configuration.end() && policy->second == "compact");
  if (compacted && topic.partitions == 1) return {};
  return fail(FaultKind::kConfiguration,
              fmt::format("topic {} has {} partitions and cleanup.policy={}; positions need one partition and compact", topic.name,
                          topic.partitions, policy == topic.configuration.end() ? "(none)" : policy->second),
              "name another topic in cdc.position_topic, or mend this one");
}

Result<void> check_policy(const kafka::TopicState& topic) {
  const auto policy = topic.configuration.find("cleanup.policy");
  if (policy == topic.configuration.end() || policy->second.find("compact") == std::string::npos) return {};
  return fail(FaultKind::kConfiguration,
              fmt::format("topic {} has cleanup.policy={}: compacted, it refuses the record of a TRUNCATE, which has no key, and loses "
                          "changes that readers of before and after need",
                          topic.name, policy->second),
              fmt::format("set its cleanup.policy to delete (weir topics apply, or kafka-configs.sh --alter), or {}", kLeaveTableOut));
}

Result<void> check_size(const kafka::TopicState& topic, std::size_t max_record_bytes) {
  const auto limit = topic.configuration.find("max.message.bytes");
  if (limit == topic.configuration.end()) return {};
  std::size_t bytes = 0;
  const auto& text = limit->second;
  if (std::from_chars(text.data(), text.data() + text.size(), bytes).ec != std::errc{} || bytes >= max_record_bytes) return {};
  return fail(FaultKind::kConfiguration,
              fmt::format("topic {} takes records of {} bytes, cdc.max_record_bytes is {}: a larger row would stop the stream", topic.name,
                          bytes, max_record_bytes),
              "raise the topic's max.message.bytes (weir topics apply), or lower cdc.max_record_bytes");
}

/// Adds to the fault of a topic that the broker refuses to make the step that lets the other tables go on.
Fault not_made(Fault fault) {
  if (!is_refusal(fault.kind)) return fault;
  fault.hint = fault.advice();
  if (!fault.hint.empty()) fault.hint += "; ";
  fault.hint += fmt::format("make the topic by other means, or {}", kLeaveTableOut);
  return fault;
}

}  // namespace

Result<void> Topics::prepare(const std::vector<std::string>& names) {
  std::vector<std::string> asked = names;
  asked.push_back(settings_.position_topic);
  const auto there = WEIR_TRY(admin_.describe_topics(asked));
  for (const kafka::TopicState& topic : there) {
    if (topic.name == settings_.position_topic) {
      WEIR_TRY(check_position_topic(topic));
      continue;
    }
    if (settings_.one_by_one) continue;
    WEIR_TRY(check_policy(topic));
    WEIR_TRY(check_size(topic, settings_.max_record_bytes));
  }
  const auto known = [&](const std::string& name) {
    return std::any_of(there.begin(), there.end(), [&](const kafka::TopicState& topic) { return topic.name == name; });
  };
  if (!known(settings_.position_topic)) WEIR_TRY(admin_.ensure_topics({position_topic(settings_)}));
  std::vector<kafka::TopicSpec> missing;
  for (const std::string& name : names) {
    if (!known(name)) missing.push_back(change_topic(settings_, name));
  }
  if (auto made = admin_.ensure_topics(missing); !made) return fail(not_made(std::move(made).error()));
  prepared_.insert(names.begin(), names.end());
  return {};
}

Result<void> Topics::require(const std::string& name) {
  if (name == last_) return {};
  if (prepared_.find(name) == prepared_.end()) WEIR_TRY(prepare({name}));
  last_ = name;
  return {};
}

}  // namespace weir::cdc
