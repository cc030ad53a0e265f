// Requests that the admin and the group source share.
#include "common/kafka/admin_request.hpp"

#include <algorithm>
#include <array>

namespace weir::kafka {

namespace {

constexpr Milliseconds kPatienceWithKnownLeader{2'000};
constexpr int kLookAgainMs = 1'000;
constexpr int kPatienceToLookMs = 300;  // bounds how much longer than its timeout a question may take

/// librdkafka sends most questions to the broker that it takes for the controller. Where that one is away it waits for it alone, although
/// any broker could answer: only metadata, for which it asks every five minutes, tell it of another.
void look_for_controller(rd_kafka_t* client) {
  const rd_kafka_metadata_t* found = nullptr;
  static_cast<void>(rd_kafka_metadata(client, 0, nullptr, &found, kPatienceToLookMs));
  const MetadataPtr metadata{found};
}

Result<std::int64_t> listed_offset(const rd_kafka_event_t* event, std::string_view where) {
  std::size_t count = 0;
  const auto* infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(const_cast<rd_kafka_event_t*>(event)), &count);
  WEIR_ASSERT(count == 1);
  const auto* found = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[0]);
  if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(found->err, where));
  // Where librdkafka's request to the leader failed, it gives no error and leaves the offset as it was before.
  if (found->offset < 0) return fail(FaultKind::kKafkaRetriable, std::string(where) + ": the leader has not answered");
  return found->offset;
}

/// With read_committed the end is the last stable offset, which is where weir's readers end.
Result<AdminRequest> ask_offset(rd_kafka_t* client, const std::string& topic, std::int32_t partition, std::int64_t spec,
                                Milliseconds timeout, rd_kafka_IsolationLevel_t isolation = RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED) {
  AdminRequest request(client, RD_KAFKA_ADMIN_OP_LISTOFFSETS, timeout);
  const ErrorPtr error{rd_kafka_AdminOptions_set_isolation_level(request.options(), isolation)};
  WEIR_ASSERT(error == nullptr);
  const PartitionListPtr list = partition_list(1);
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = spec;
  rd_kafka_ListOffsets(client, list.get(), request.options(), request.queue());
  return request;
}

}  // namespace

AdminRequest::AdminRequest(rd_kafka_t* client, rd_kafka_admin_op_t operation, Milliseconds timeout)
    : client_(client), queue_(rd_kafka_queue_new(client)), options_(rd_kafka_AdminOptions_new(client, operation)) {
  std::array<char, 128> text{};
  const auto code = rd_kafka_AdminOptions_set_request_timeout(options_.get(), to_ms(timeout), text.data(), text.size());
  WEIR_ASSERT(code == RD_KAFKA_RESP_ERR_NO_ERROR);
}

Result<EventPtr> AdminRequest::answer(std::string_view where) const {
  // This wait ends, because the request's own timeout always produces an event.
  EventPtr event{rd_kafka_queue_poll(queue_.get(), kLookAgainMs)};
  while (!event) {
    look_for_controller(client_);
    event.reset(rd_kafka_queue_poll(queue_.get(), kLookAgainMs));
  }
  const auto code = rd_kafka_event_error(event.get());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
  // A client that only asks has nobody who serves its errors, so a question without an answer is the only sign that the client may know no
  // broker.
  if (code == RD_KAFKA_RESP_ERR__TIMED_OUT) {
    bootstrap_again(client_);
    look_for_controller(client_);
  }
  return fail(fault_of(code, where, rd_kafka_event_error_string(event.get())));
}

PartitionListPtr partition_list(std::size_t capacity) {
  return PartitionListPtr{rd_kafka_topic_partition_list_new(static_cast<int>(capacity))};
}

namespace {

Result<PartitionRange> ask_range(rd_kafka_t* client, const std::string& topic, std::int32_t partition, Milliseconds timeout) {
  const std::string where = "list offsets of " + topic + "/" + std::to_string(partition);
  // The two questions are asked at the same time.
  const AdminRequest first = WEIR_TRY(ask_offset(client, topic, partition, RD_KAFKA_OFFSET_SPEC_EARLIEST, timeout));
  const AdminRequest last = WEIR_TRY(ask_offset(client, topic, partition, RD_KAFKA_OFFSET_SPEC_LATEST, timeout));
  const auto first_answer = first.answer(where);
  const auto last_answer = last.answer(where);
  if (!first_answer) return fail(first_answer.error());
  if (!last_answer) return fail(last_answer.error());
  PartitionRange range;
  range.begin = WEIR_TRY(listed_offset(first_answer->get(), where));
  range.end = WEIR_TRY(listed_offset(last_answer->get(), where));
  return range;
}

}  // namespace

Result<std::int64_t> high_watermark(rd_kafka_t* client, const std::string& topic, std::int32_t partition, Milliseconds timeout) {
  const std::string where = "list the last offset of " + topic + "/" + std::to_string(partition);
  const AdminRequest request =
      WEIR_TRY(ask_offset(client, topic, partition, RD_KAFKA_OFFSET_SPEC_LATEST, timeout, RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  const EventPtr answer = WEIR_TRY(request.answer(where));
  return listed_offset(answer.get(), where);
}

Result<PartitionRange> list_range(rd_kafka_t* client, const std::string& topic, std::int32_t partition, Milliseconds timeout) {
  auto range = ask_range(client, topic, partition, std::min(timeout, kPatienceWithKnownLeader));
  if (range || range.error().kind != FaultKind::kKafkaRetriable) return range;
  // A broker that came back has a new leader epoch, and one that went has another as leader in its place, but librdkafka asks the leader
  // and epoch that it knows until it fetches the metadata again. So the metadata is fetched here.
  const rd_kafka_metadata_t* found = nullptr;
  const auto code = rd_kafka_metadata(client, 1, nullptr, &found, static_cast<int>(timeout.count()));
  const MetadataPtr metadata{found};
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return range;
  return ask_range(client, topic, partition, timeout);
}

std::shared_ptr<AdminRequest> ask_to_describe(rd_kafka_t* client, const std::vector<std::string>& names, Milliseconds timeout) {
  const auto request = std::make_shared<AdminRequest>(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, timeout);
  std::vector<const char*> texts;
  for (const auto& name : names) texts.push_back(name.c_str());
  const std::unique_ptr<rd_kafka_TopicCollection_t, Destroy<&rd_kafka_TopicCollection_destroy>> collection{
      rd_kafka_TopicCollection_of_topic_names(texts.data(), texts.size())};
  rd_kafka_DescribeTopics(client, collection.get(), request->options(), request->queue());
  return request;
}

Result<std::vector<TopicState>> describe(rd_kafka_t* client, const std::vector<std::string>& names, Milliseconds timeout) {
  if (names.empty()) return std::vector<TopicState>{};
  return described_topics(*ask_to_describe(client, names, timeout));
}

Result<std::vector<TopicState>> described_topics(const AdminRequest& asked) {
  std::vector<TopicState> topics;
  const EventPtr event = WEIR_TRY(asked.answer("describe topics"));
  std::size_t count = 0;
  const auto* found = rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(found[i]);
    const auto code = rd_kafka_error_code(error);
    const std::string name = rd_kafka_TopicDescription_name(found[i]);
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(code, "describe topic " + name, rd_kafka_error_string(error)));
    TopicState topic;
    topic.name = name;
    topic.id = to_uuid(rd_kafka_TopicDescription_topic_id(found[i]));
    std::size_t partitions = 0;
    const auto* infos = rd_kafka_TopicDescription_partitions(found[i], &partitions);
    topic.partitions = static_cast<std::int32_t>(partitions);
    if (partitions > 0) {
      std::size_t replicas = 0;
      rd_kafka_TopicPartitionInfo_replicas(infos[0], &replicas);
      topic.replication = static_cast<std::int32_t>(replicas);
      topic.in_sync = topic.replication;
    }
    for (std::size_t partition = 0; partition < partitions; ++partition) {
      std::size_t in_sync = 0;
      rd_kafka_TopicPartitionInfo_isr(infos[partition], &in_sync);
      topic.in_sync = std::min(topic.in_sync, static_cast<std::int32_t>(in_sync));
    }
    topics.push_back(std::move(topic));
  }
  return topics;
}

}  // namespace weir::kafka
