// Administration of Kafka. Each call sends one request and waits for its answer.
#include "common/kafka/admin.hpp"

#include "common/core/waiting.hpp"
#include "common/kafka/admin_request.hpp"
#include "common/kafka/topic_reader.hpp"

#include <algorithm>
#include <array>
#include <thread>

namespace weir::kafka {

namespace {

constexpr Milliseconds kRequestTimeout{15'000};
constexpr Milliseconds kSettleStep{20};

using NewTopicPtr = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<&rd_kafka_NewTopic_destroy>>;
using NewPartitionsPtr = std::unique_ptr<rd_kafka_NewPartitions_t, Destroy<&rd_kafka_NewPartitions_destroy>>;
using DeleteTopicPtr = std::unique_ptr<rd_kafka_DeleteTopic_t, Destroy<&rd_kafka_DeleteTopic_destroy>>;
using ConfigResourcePtr = std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<&rd_kafka_ConfigResource_destroy>>;

Result<NewTopicPtr> new_topic(const TopicSpec& spec) {
  std::array<char, 256> text{};
  NewTopicPtr topic{rd_kafka_NewTopic_new(spec.name.c_str(), spec.partitions, spec.replication, text.data(), text.size())};
  if (!topic) return fail(FaultKind::kConfiguration, "topic " + spec.name + ": " + text.data());
  for (const auto& [name, value] : spec.configuration) rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  return topic;
}

enum class Existing : std::uint8_t { kRefused, kTaken };

/// The first topic that failed, where a request answers for each topic.
Result<void> first_failure(const rd_kafka_topic_result_t* const* results, std::size_t count, std::string_view what,
                           Existing existing = Existing::kRefused) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS && existing == Existing::kTaken) continue;
    const std::string where = std::string(what) + " " + rd_kafka_topic_result_name(results[i]);
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return fail(FaultKind::kConfiguration, where + ": the topic exists already");
    return fail(fault_of(code, where, text == nullptr ? "" : text));
  }
  return {};
}

class KafkaAdmin final : public Admin {
 public:
  KafkaAdmin(Settings settings, ClientPtr client) : settings_(std::move(settings)), client_(std::move(client)) {}

  Result<void> ping(Milliseconds patience) override {
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(client_.get(), 0, nullptr, &found, to_ms(patience));
    const MetadataPtr metadata{found};
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return fail(fault_of(code, "Kafka at " + settings_.brokers));
  }

  Result<std::vector<TopicState>> list_topics() override {
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(client_.get(), 1, nullptr, &found, to_ms(kRequestTimeout));
    const MetadataPtr metadata{found};
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(code, "list topics of Kafka at " + settings_.brokers));
    std::vector<std::string> names;
    for (int i = 0; i < metadata->topic_cnt; ++i) names.emplace_back(metadata->topics[i].topic);
    return describe(client_.get(), names, kRequestTimeout);
  }

  Result<std::vector<TopicState>> describe_topics(const std::vector<std::string>& names) override {
    auto topics = WEIR_TRY(describe(client_.get(), names, kRequestTimeout));
    if (!topics.empty()) WEIR_TRY(add_configuration(topics));
    return topics;
  }

  Result<void> create_topics(const std::vector<TopicSpec>& topics) override { return make(topics, Existing::kRefused); }
  Result<void> ensure_topics(const std::vector<TopicSpec>& topics) override { return make(topics, Existing::kTaken); }

  Result<void> raise_partitions(const std::string& topic, std::int32_t partitions) override {
    std::array<char, 256> text{};
    const NewPartitionsPtr raise{rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), text.data(), text.size())};
    if (!raise) return fail(FaultKind::kConfiguration, "partitions of " + topic + ": " + text.data());
    const AdminRequest request(client_.get(), RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, kRequestTimeout);
    set_operation_timeout(request);
    rd_kafka_NewPartitions_t* asked = raise.get();
    rd_kafka_CreatePartitions(client_.get(), &asked, 1, request.options(), request.queue());
    const EventPtr event = WEIR_TRY(request.answer("raise partitions of " + topic));
    std::size_t count = 0;
    const auto* results = rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event.get()), &count);
    WEIR_TRY(first_failure(results, count, "raise partitions of topic"));
    return await_known("raise partitions of " + topic,
                       [&](const std::vector<TopicState>& known) { return known.size() == 1 && known[0].partitions >= partitions; },
                       {topic});
  }

  Result<void> set_topic_configuration(const std::string& topic, const std::map<std::string, std::string>& configuration) override {
    return set_configuration(RD_KAFKA_RESOURCE_TOPIC, topic, "configure topic " + topic, configuration);
  }

  Result<void> set_group_configuration(const std::string& group, const std::map<std::string, std::string>& configuration) override {
    std::map<std::string, std::string> found;
    WEIR_TRY(read_configuration(RD_KAFKA_RESOURCE_GROUP, {group}, "describe the configuration of group " + group,
                                [&found](const rd_kafka_ConfigResource_t* resource) { read_entries(resource, found); }));
    const bool settled = std::all_of(configuration.begin(), configuration.end(), [&](const auto& wanted) {
      const auto at = found.find(wanted.first);
      return at != found.end() && at->second == wanted.second;
    });
    return settled ? Result<void>{} : set_configuration(RD_KAFKA_RESOURCE_GROUP, group, "configure group " + group, configuration);
  }

  Result<void> delete_topic(const std::string& topic) override {
    const DeleteTopicPtr asked{rd_kafka_DeleteTopic_new(topic.c_str())};
    const AdminRequest request(client_.get(), RD_KAFKA_ADMIN_OP_DELETETOPICS, kRequestTimeout);
    set_operation_timeout(request);
    rd_kafka_DeleteTopic_t* raw = asked.get();
    rd_kafka_DeleteTopics(client_.get(), &raw, 1, request.options(), request.queue());
    const EventPtr event = WEIR_TRY(request.answer("delete topic " + topic));
    std::size_t count = 0;
    const auto* results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
    WEIR_TRY(first_failure(results, count, "delete topic"));
    return await_known("delete topic " + topic, [](const std::vector<TopicState>& known) { return known.empty(); }, {topic});
  }

  Result<void> delete_records(const std::string& topic, std::int32_t partition, std::int64_t offset) override {
    const AdminRequest request(client_.get(), RD_KAFKA_ADMIN_OP_DELETERECORDS, kRequestTimeout);
    const PartitionListPtr list = partition_list(1);
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
    const std::unique_ptr<rd_kafka_DeleteRecords_t, Destroy<&rd_kafka_DeleteRecords_destroy>> below{rd_kafka_DeleteRecords_new(list.get())};
    rd_kafka_DeleteRecords_t* raw = below.get();
    rd_kafka_DeleteRecords(client_.get(), &raw, 1, request.options(), request.queue());
    const EventPtr event = WEIR_TRY(request.answer("delete records of " + topic));
    const auto* left = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
    if (left->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(left->elems[0].err, "delete records of " + topic));
    return {};
  }

  Result<PartitionRange> range(const std::string& topic, std::int32_t partition) override {
    return list_range(client_.get(), topic, partition, kRequestTimeout);
  }

  Result<std::int64_t> high_watermark(const std::string& topic, std::int32_t partition) override {
    return kafka::high_watermark(client_.get(), topic, partition, kRequestTimeout);
  }

  Result<void> read_topic(const std::string& topic, const std::function<void(StoredRecord)>& each, Milliseconds patience) override {
    auto topics = WEIR_TRY(describe(client_.get(), {topic}, kRequestTimeout));
    if (topics.empty()) return fail(fault_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "read topic " + topic));
    std::vector<PartitionRange> ranges;
    for (std::int32_t partition = 0; partition < topics.front().partitions; ++partition) {
      ranges.push_back(WEIR_TRY(range(topic, partition)));
    }
    return read_to_end(settings_, topic, ranges, each, patience);
  }

 private:
  Result<void> make(const std::vector<TopicSpec>& topics, Existing existing) {
    if (topics.empty()) return {};
    std::vector<NewTopicPtr> owned;
    std::vector<rd_kafka_NewTopic_t*> asked;
    for (const auto& spec : topics) {
      owned.push_back(WEIR_TRY(new_topic(spec)));
      asked.push_back(owned.back().get());
    }
    const AdminRequest request(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, kRequestTimeout);
    set_operation_timeout(request);
    rd_kafka_CreateTopics(client_.get(), asked.data(), asked.size(), request.options(), request.queue());
    const EventPtr event = WEIR_TRY(request.answer("create topics"));
    std::size_t count = 0;
    const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    WEIR_TRY(first_failure(results, count, "create topic", existing));
    return await_known(
        "create topics", [&](const std::vector<TopicState>& known) { return known.size() == topics.size(); }, names_of(topics));
  }

  static std::vector<std::string> names_of(const std::vector<TopicSpec>& topics) {
    std::vector<std::string> names;
    for (const auto& topic : topics) names.push_back(topic.name);
    return names;
  }

  /// Waits until the brokers know of a change, so that a topic that was just made can be used at once: the controller answers when the
  /// change is decided, and brokers hear of it a moment later.
  template <class Condition>
  Result<void> await_known(const std::string& what, Condition holds, const std::vector<std::string>& names) {
    const Deadline deadline(kRequestTimeout);
    while (true) {
      const auto known = describe(client_.get(), names, kRequestTimeout);
      if (known && holds(*known)) return {};
      if (deadline.over()) {
        return fail(FaultKind::kKafkaRetriable, what + ": decided, but the brokers do not know of it yet",
                    "look again with weir topics diff");
      }
      std::this_thread::sleep_for(kSettleStep);
    }
  }

  static void set_operation_timeout(const AdminRequest& request) {
    std::array<char, 128> text{};
    rd_kafka_AdminOptions_set_operation_timeout(request.options(), to_ms(kRequestTimeout), text.data(), text.size());
  }

  Result<void> set_configuration(rd_kafka_ResourceType_t type, const std::string& name, const std::string& what,
                                 const std::map<std::string, std::string>& configuration) {
    const ConfigResourcePtr resource{rd_kafka_ConfigResource_new(type, name.c_str())};
    for (const auto& [key, value] : configuration) {
      const ErrorPtr error{
          rd_kafka_ConfigResource_add_incremental_config(resource.get(), key.c_str(), RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.c_str())};
      if (error) return fail(FaultKind::kConfiguration, what + ": " + key + ": " + rd_kafka_error_string(error.get()));
    }
    const AdminRequest request(client_.get(), RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, kRequestTimeout);
    rd_kafka_ConfigResource_t* asked = resource.get();
    rd_kafka_IncrementalAlterConfigs(client_.get(), &asked, 1, request.options(), request.queue());
    const EventPtr event = WEIR_TRY(request.answer(what));
    std::size_t count = 0;
    const auto* results =
        rd_kafka_IncrementalAlterConfigs_result_resources(rd_kafka_event_IncrementalAlterConfigs_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto code = rd_kafka_ConfigResource_error(results[i]);
      const char* why = rd_kafka_ConfigResource_error_string(results[i]);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(code, what, why == nullptr ? "" : why));
    }
    return {};
  }

  Result<void> add_configuration(std::vector<TopicState>& topics) {
    std::vector<std::string> names;
    for (const auto& topic : topics) names.push_back(topic.name);
    const auto read = read_configuration(RD_KAFKA_RESOURCE_TOPIC, names, "describe the configuration of topics",
                                         [&](const rd_kafka_ConfigResource_t* found) {
                                           for (auto& topic : topics) {
                                             if (topic.name == rd_kafka_ConfigResource_name(found))
                                               read_entries(found, topic.configuration);
                                           }
                                         });
    // The embedded broker has no configuration.
    if (!read && read.error().kind == FaultKind::kConfiguration) return {};
    return read;
  }

  Result<void> read_configuration(rd_kafka_ResourceType_t type, const std::vector<std::string>& names, const std::string& what,
                                  const std::function<void(const rd_kafka_ConfigResource_t*)>& each) {
    std::vector<ConfigResourcePtr> owned;
    std::vector<rd_kafka_ConfigResource_t*> asked;
    for (const auto& name : names) {
      owned.emplace_back(rd_kafka_ConfigResource_new(type, name.c_str()));
      asked.push_back(owned.back().get());
    }
    const AdminRequest request(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, kRequestTimeout);
    rd_kafka_DescribeConfigs(client_.get(), asked.data(), asked.size(), request.options(), request.queue());
    const EventPtr event = WEIR_TRY(request.answer(what));
    std::size_t count = 0;
    const auto* found = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto code = rd_kafka_ConfigResource_error(found[i]);
      const char* why = rd_kafka_ConfigResource_error_string(found[i]);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(code, what, why == nullptr ? "" : why));
      each(found[i]);
    }
    return {};
  }

  static void read_entries(const rd_kafka_ConfigResource_t* resource, std::map<std::string, std::string>& into) {
    std::size_t count = 0;
    const auto* entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (std::size_t i = 0; i < count; ++i) {
      const char* value = rd_kafka_ConfigEntry_value(entries[i]);
      if (value != nullptr) into.emplace(rd_kafka_ConfigEntry_name(entries[i]), value);
    }
  }

  Settings settings_;
  ClientPtr client_;
};

}  // namespace

Result<std::unique_ptr<Admin>> Admin::open(const Settings& settings) {
  const std::vector<Property> properties{{"socket.keepalive.enable", "true"}, {"reconnect.backoff.max.ms", "2000"}};
  ConfPtr conf = WEIR_TRY(make_conf(settings, properties));
  return std::make_unique<KafkaAdmin>(settings, WEIR_TRY(make_client(RD_KAFKA_PRODUCER, std::move(conf))));
}

}  // namespace weir::kafka
