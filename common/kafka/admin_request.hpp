// One administrative request and its answer, on any client (a consumer's too, from any thread). Private to common/kafka and common/group.
#pragma once

#include "common/kafka/admin.hpp"
#include "common/kafka/errors.hpp"
#include "common/kafka/rdkafka.hpp"

#include <string_view>

namespace weir::kafka {

class AdminRequest {
 public:
  AdminRequest(rd_kafka_t* client, rd_kafka_admin_op_t operation, Milliseconds timeout);

  [[nodiscard]] rd_kafka_queue_t* queue() const { return queue_.get(); }
  [[nodiscard]] rd_kafka_AdminOptions_t* options() const { return options_.get(); }
  /// Waits for the next answer; the request's own timeout bounds it.
  [[nodiscard]] Result<EventPtr> answer(std::string_view where) const;

 private:
  rd_kafka_t* client_;
  QueuePtr queue_;
  AdminOptionsPtr options_;
};

[[nodiscard]] PartitionListPtr partition_list(std::size_t capacity);

/// The offset behind all records of a partition, also those of transactions that have not ended.
[[nodiscard]] Result<std::int64_t> high_watermark(rd_kafka_t* client, const std::string& topic, std::int32_t partition,
                                                  Milliseconds timeout);
/// Begin and last stable offset of a partition.
[[nodiscard]] Result<PartitionRange> list_range(rd_kafka_t* client, const std::string& topic, std::int32_t partition, Milliseconds timeout);
/// describe() in two steps: the first asks without waiting, the second takes the answer.
[[nodiscard]] std::shared_ptr<AdminRequest> ask_to_describe(rd_kafka_t* client, const std::vector<std::string>& names,
                                                            Milliseconds timeout);
[[nodiscard]] Result<std::vector<TopicState>> described_topics(const AdminRequest& asked);
/// Id and size of the topics that exist; configuration is left empty.
[[nodiscard]] Result<std::vector<TopicState>> describe(rd_kafka_t* client, const std::vector<std::string>& names, Milliseconds timeout);

}  // namespace weir::kafka
