// Comparing topics with their declaration, and making them match.
#include "common/topics/plan.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace weir::topics {

namespace {

constexpr const char* kFewestInSync = "min.insync.replicas";
constexpr std::int32_t kReplicasOfWhichOneMayGo = 3;  // while two of them acknowledge
constexpr std::int64_t kInSyncOfThree = 2;

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Limits that keep more the higher they are; -1 is no limit.
bool is_limit(std::string_view setting) {
  return setting == "retention.ms" || setting == "retention.bytes" || setting == "max.message.bytes" || setting == "delete.retention.ms";
}

bool shrinks(std::string_view setting, std::string_view is, std::string_view wanted) {
  if (setting == "cleanup.policy") return true;  // either way records go that would have stayed
  if (!is_limit(setting)) return false;
  const auto before = number(is);
  const auto after = number(wanted);
  if (!before || !after) return false;
  if (*after < 0) return false;
  return *before < 0 || *after < *before;
}

bool same(std::string_view is, std::string_view wanted) {
  if (is == wanted) return true;
  const auto before = number(is);
  return before && before == number(wanted);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

std::string raise_note(const TopicEntry& entry) {
  std::string note = "moves keys to other partitions while old records wait: needs --raise";
  if (!entry.ordered_groups.empty()) {
    note += "; " + joined(entry.ordered_groups) + " relies on key order until those records are done";
  }
  return note;
}

void compare_partitions(const TopicEntry& entry, const kafka::TopicState& state, std::vector<TopicDifference>& into) {
  if (entry.is_pattern() || state.partitions == entry.partitions) return;
  TopicDifference difference{
      state.name, "partitions", std::to_string(state.partitions), std::to_string(entry.partitions), TopicStep::kRaise, {}};
  if (state.partitions > entry.partitions) {
    difference.step = TopicStep::kKeep;
    difference.note = "partitions are never taken back; raise the number in topics.yaml";
  } else {
    difference.note = raise_note(entry);
  }
  into.push_back(std::move(difference));
}

void compare_configuration(const TopicEntry& entry, const kafka::TopicState& state, std::vector<TopicDifference>& into) {
  for (const auto& [setting, wanted] : entry.configuration) {
    const auto at = state.configuration.find(setting);
    const std::string is = at == state.configuration.end() ? "" : at->second;
    if (same(is, wanted)) continue;
    TopicDifference difference{state.name, setting, is, wanted, TopicStep::kConfigure, {}};
    if (shrinks(setting, is, wanted)) {
      difference.step = TopicStep::kShrink;
      difference.note = "would throw records away, or refuse what was accepted: needs --shrink";
    }
    into.push_back(std::move(difference));
  }
}

/// Replicas are no setting: Kafka's tools move them, and a broker that comes back catches up by itself.
void compare_replicas(const TopicEntry& entry, const kafka::TopicState& state, std::vector<TopicDifference>& into) {
  const auto differs = [&](const char* what, std::int32_t is, std::int32_t wanted, const char* note) {
    into.push_back({state.name, what, std::to_string(is), std::to_string(wanted), TopicStep::kKeep, note});
  };
  if (entry.replication > 0 && state.replication != entry.replication) {
    differs("replication", state.replication, entry.replication, "kafka-reassign-partitions.sh gives a topic other replicas");
  }
  if (state.in_sync < state.replication) {
    differs("in-sync replicas", state.in_sync, state.replication, "a broker is away or catches up: stop no other broker before it is done");
  }
}

/// Kafka's own default is 1, with which an acknowledged record may be on one broker alone, and is lost with it.
void compare_fewest_in_sync(const TopicEntry& entry, const kafka::TopicState& state, std::vector<TopicDifference>& into) {
  const auto at = state.configuration.find(kFewestInSync);
  if (state.replication < kReplicasOfWhichOneMayGo || at == state.configuration.end() || entry.configuration.contains(kFewestInSync))
    return;
  if (number(at->second).value_or(kInSyncOfThree) >= kInSyncOfThree) return;
  into.push_back({state.name, kFewestInSync, at->second, std::to_string(kInSyncOfThree), TopicStep::kConfigure,
                  "with 1, what a broker has acknowledged alone is lost with it"});
}

using Settings = std::map<std::string, std::map<std::string, std::string>>;  // by topic

/// How many replicas a new topic has is the cluster's to say, so it is asked once the topic is there.
Result<void> add_fewest_in_sync(kafka::Admin& admin, const std::vector<TopicEntry>& catalog, const std::vector<kafka::TopicSpec>& made,
                                Settings& into) {
  std::vector<std::string> names;
  for (const auto& topic : made) names.push_back(topic.name);
  for (const auto& difference : compare_topics(catalog, WEIR_TRY(admin.describe_topics(names)))) {
    if (difference.setting == kFewestInSync) into[difference.topic][difference.setting] = difference.wanted;
  }
  return {};
}

kafka::TopicSpec spec_of(const TopicEntry& entry) { return {entry.name, entry.partitions, entry.replication, entry.configuration}; }

}  // namespace

std::string_view step_name(TopicStep step) {
  switch (step) {
    case TopicStep::kCreate:
      return "create";
    case TopicStep::kConfigure:
      return "configure";
    case TopicStep::kRaise:
      return "raise";
    case TopicStep::kShrink:
      return "shrink";
    case TopicStep::kKeep:
      return "keep";
  }
  return "";
}

std::vector<TopicDifference> compare_topics(const std::vector<TopicEntry>& catalog, const std::vector<kafka::TopicState>& existing) {
  std::vector<TopicDifference> differences;
  for (const TopicEntry& entry : catalog) {
    bool found = false;
    for (const kafka::TopicState& state : existing) {
      if (find_topic(catalog, state.name) != &entry) continue;
      found = true;
      compare_partitions(entry, state, differences);
      compare_configuration(entry, state, differences);
      compare_fewest_in_sync(entry, state, differences);
      compare_replicas(entry, state, differences);
    }
    if (found || entry.is_pattern()) continue;
    const std::string wanted = std::to_string(entry.partitions) + (entry.partitions == 1 ? " partition" : " partitions");
    differences.push_back({entry.name, "topic", "", wanted, TopicStep::kCreate, {}});
  }
  return differences;
}

bool is_applied(const TopicDifference& difference, const ApplyOptions& options) {
  switch (difference.step) {
    case TopicStep::kCreate:
    case TopicStep::kConfigure:
      return true;
    case TopicStep::kRaise:
      return options.raise;
    case TopicStep::kShrink:
      return options.shrink;
    case TopicStep::kKeep:
      return false;
  }
  return false;
}

Result<std::vector<TopicDifference>> diff_topics(kafka::Admin& admin, const std::vector<TopicEntry>& catalog) {
  std::vector<std::string> names;
  for (const auto& topic : WEIR_TRY(admin.list_topics())) {
    if (find_topic(catalog, topic.name) != nullptr) names.push_back(topic.name);
  }
  return compare_topics(catalog, WEIR_TRY(admin.describe_topics(names)));
}

Result<std::vector<TopicDifference>> apply_topics(kafka::Admin& admin, const std::vector<TopicEntry>& catalog,
                                                  const ApplyOptions& options) {
  auto differences = WEIR_TRY(diff_topics(admin, catalog));
  std::vector<kafka::TopicSpec> missing;
  Settings configuration;
  for (const TopicDifference& difference : differences) {
    if (!is_applied(difference, options)) continue;
    if (difference.step == TopicStep::kCreate) {
      missing.push_back(spec_of(*find_topic(catalog, difference.topic)));
    } else if (difference.step == TopicStep::kRaise) {
      WEIR_TRY(admin.raise_partitions(difference.topic, find_topic(catalog, difference.topic)->partitions));
    } else {
      configuration[difference.topic][difference.setting] = difference.wanted;
    }
  }
  WEIR_TRY(admin.ensure_topics(missing));
  if (!missing.empty()) WEIR_TRY(add_fewest_in_sync(admin, catalog, missing, configuration));
  for (const auto& [topic, settings] : configuration) WEIR_TRY(admin.set_topic_configuration(topic, settings));
  return differences;
}

}  // namespace weir::topics
