#include "common/kafka/group_offsets.hpp"

#include "common/kafka/admin_request.hpp"

namespace weir::kafka {

namespace {

constexpr Milliseconds kRequestTimeout{15'000};

bool says_that_members_are_there(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP ||
         code == RD_KAFKA_RESP_ERR_STALE_MEMBER_EPOCH || code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
         code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION;
}

}  // namespace

Result<bool> commit_group_offsets(const Settings& settings, const std::string& group, const std::vector<GroupOffset>& offsets) {
  const ClientPtr client = WEIR_TRY(make_client(RD_KAFKA_PRODUCER, WEIR_TRY(make_conf(settings, {}))));
  const PartitionListPtr list = partition_list(offsets.size());
  for (const GroupOffset& each : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), each.topic.c_str(), each.partition)->offset = each.offset;
  }
  const std::string where = "commit the offsets of group " + group;
  const AdminRequest request(client.get(), RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, kRequestTimeout);
  const std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t, Destroy<&rd_kafka_AlterConsumerGroupOffsets_destroy>> asked{
      rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get())};
  rd_kafka_AlterConsumerGroupOffsets_t* raw = asked.get();
  rd_kafka_AlterConsumerGroupOffsets(client.get(), &raw, 1, request.options(), request.queue());
  const EventPtr event = WEIR_TRY(request.answer(where));
  std::size_t count = 0;
  const auto* const* groups =
      rd_kafka_AlterConsumerGroupOffsets_result_groups(rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
  if (count == 0) return fail(fault_of(RD_KAFKA_RESP_ERR__FAIL, where));
  if (const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[0]); error != nullptr) {
    if (says_that_members_are_there(rd_kafka_error_code(error))) return false;
    return fail(fault_of(rd_kafka_error_code(error), where, rd_kafka_error_string(error)));
  }
  const rd_kafka_topic_partition_list_t* kept = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; i < kept->cnt; ++i) {
    const auto code = kept->elems[i].err;
    if (says_that_members_are_there(code)) return false;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(code, where));
  }
  return true;
}

Result<std::vector<GroupOffset>> committed_offsets(const Settings& settings, const std::string& group, const std::string& topic,
                                                   std::int32_t partitions) {
  const std::vector<Property> properties{{"group.id", group}};
  const ClientPtr client = WEIR_TRY(make_client(RD_KAFKA_CONSUMER, WEIR_TRY(make_conf(settings, properties))));
  const PartitionListPtr list = partition_list(static_cast<std::size_t>(partitions));
  for (std::int32_t i = 0; i < partitions; ++i) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), i);
  const auto code = rd_kafka_committed(client.get(), list.get(), to_ms(kRequestTimeout));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(fault_of(code, "offsets of group " + group));
  std::vector<GroupOffset> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    const std::int64_t offset = list->elems[i].offset;
    offsets.push_back({topic, list->elems[i].partition, offset < 0 ? -1 : offset});
  }
  return offsets;
}

}  // namespace weir::kafka
