// Reading topics.yaml.
#include "common/topics/catalog.hpp"

#include "embedded/weir_topics.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

namespace weir::topics {

namespace {

constexpr std::string_view kPath = "schemas/topics.yaml";
constexpr std::int32_t kMostPartitions = 10'000;

class Reader {
 public:
  explicit Reader(std::string_view path) : path_(path) {}

  std::vector<TopicEntry> read(const YAML::Node& document) {
    std::vector<TopicEntry> catalog;
    check_keys(document, {"topics"});
    const YAML::Node topics = document["topics"];
    if (!topics || !topics.IsSequence()) {
      wrong(document, "topics: a list of topics is expected");
      return catalog;
    }
    std::set<std::string> names;
    for (const YAML::Node& node : topics) {
      TopicEntry entry = read_entry(node);
      if (!entry.name.empty() && !names.insert(entry.name).second) wrong(node, "topic " + entry.name + " is listed twice");
      catalog.push_back(std::move(entry));
    }
    return catalog;
  }

  void wrong(const YAML::Mark& mark, const std::string& what) {
    if (!faults_.empty()) faults_ += "\n";
    faults_ += path_ + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1) + ": " + what;
  }
  void wrong(const YAML::Node& node, const std::string& what) { wrong(node.Mark(), what); }
  [[nodiscard]] const std::string& faults() const { return faults_; }

 private:
  void check_keys(const YAML::Node& node, const std::set<std::string>& known) {
    if (!node.IsMap()) return;
    for (const auto& pair : node) {
      const std::string key = pair.first.Scalar();
      if (!known.contains(key)) wrong(pair.first, key + ": unknown key");
    }
  }

  std::string text(const YAML::Node& node, const char* key) {
    const YAML::Node value = node[key];
    if (value && value.IsScalar() && !value.Scalar().empty()) return value.Scalar();
    wrong(value ? value : node, std::string(key) + ": a text is expected");
    return {};
  }

  std::int32_t number(const YAML::Node& node, const char* key, std::int32_t fallback) {
    const YAML::Node value = node[key];
    if (!value) return fallback;
    std::int32_t read = 0;
    if (value.IsScalar() && YAML::convert<std::int32_t>::decode(value, read) && read >= 1 && read <= kMostPartitions) return read;
    wrong(value, std::string(key) + ": a number from 1 to " + std::to_string(kMostPartitions) + " is expected");
    return fallback;
  }

  TopicEntry read_entry(const YAML::Node& node) {
    TopicEntry entry;
    if (!node.IsMap()) {
      wrong(node, "a topic with name, partitions, owner, key and schema is expected");
      return entry;
    }
    check_keys(node, {"name", "partitions", "replication", "owner", "key", "schema", "ordered_groups", "configuration"});
    entry.name = text(node, "name");
    entry.owner = text(node, "owner");
    entry.key = text(node, "key");
    entry.schema = text(node, "schema");
    entry.partitions = number(node, "partitions", 0);
    entry.replication = number(node, "replication", -1);
    if (entry.is_pattern() && entry.partitions != 0) wrong(node["partitions"], "partitions: a pattern makes no topic");
    if (!entry.is_pattern() && !node["partitions"]) wrong(node, "partitions: a number is expected");
    read_groups(node["ordered_groups"], entry);
    read_configuration(node["configuration"], entry);
    return entry;
  }

  void read_groups(const YAML::Node& node, TopicEntry& entry) {
    if (!node) return;
    if (!node.IsSequence()) return wrong(node, "ordered_groups: a list of consumer groups is expected");
    for (const YAML::Node& group : node) entry.ordered_groups.push_back(group.Scalar());
  }

  void read_configuration(const YAML::Node& node, TopicEntry& entry) {
    if (!node) return;
    if (!node.IsMap()) return wrong(node, "configuration: a map of Kafka's topic configuration is expected");
    for (const auto& pair : node) {
      if (!pair.second.IsScalar()) {
        wrong(pair.second, pair.first.Scalar() + ": a single value is expected");
        continue;
      }
      entry.configuration[pair.first.Scalar()] = pair.second.Scalar();
    }
  }

  std::string path_;
  std::string faults_;
};

bool fits(std::string_view pattern, std::string_view topic) { return topic.starts_with(pattern.substr(0, pattern.size() - 1)); }

}  // namespace

Result<std::vector<TopicEntry>> read_topic_catalog(std::string_view text, std::string_view path) {
  Reader reader(path);
  std::vector<TopicEntry> catalog;
  try {
    catalog = reader.read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& broken) {
    reader.wrong(broken.mark, broken.msg);
  }
  if (!reader.faults().empty()) return fail(FaultKind::kConfiguration, reader.faults());
  return catalog;
}

Result<std::vector<TopicEntry>> shipped_topics() {
  const EmbeddedFile* file = find_embedded(embedded::weir_topics(), kPath);
  WEIR_ASSERT(file != nullptr);
  return read_topic_catalog(file->text, kPath);
}

const TopicEntry* find_topic(const std::vector<TopicEntry>& catalog, std::string_view topic) {
  const TopicEntry* best = nullptr;
  for (const TopicEntry& entry : catalog) {
    if (entry.name == topic) return &entry;
    if (!entry.is_pattern() || !fits(entry.name, topic)) continue;
    if (best == nullptr || entry.name.size() > best->name.size()) best = &entry;
  }
  return best;
}

}  // namespace weir::topics
