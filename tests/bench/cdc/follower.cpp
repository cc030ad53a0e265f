#include "tests/bench/cdc/follower.hpp"

#include "common/core/await.hpp"
#include "common/kafka/admin_request.hpp"
#include "tests/bench/support/bench.hpp"

#include <vector>

namespace weir::bench {

namespace {

constexpr Milliseconds kPatience{30'000};
constexpr int kPollMs = 100;

}  // namespace

Follower::Follower(const kafka::Settings& settings, const std::string& topic, Each each) : each_(std::move(each)) {
  const auto admin = must(kafka::Admin::open(settings));
  std::vector<std::int64_t> ends;
  for (const auto& state : must(admin->describe_topics({topic}))) {
    for (std::int32_t p = 0; p < state.partitions; ++p) ends.push_back(must(admin->range(topic, p)).end);
  }
  if (ends.empty()) give_up("there is no topic " + topic);
  thread_ = std::thread([this, settings, topic, ends] { follow(settings, topic, ends); });
  if (!await(kPatience, [&] { return at_end_ >= ends.size(); })) give_up("the reader of " + topic + " did not come to its end");
}

Follower::~Follower() {
  stop_ = true;
  thread_.join();
}

void Follower::follow(const kafka::Settings& settings, const std::string& topic, const std::vector<std::int64_t>& ends) {
  const std::vector<kafka::Property> properties{
      {"group.id", "bench-follower"},        {"isolation.level", "read_committed"}, {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"}, {"enable.partition.eof", "true"},      {"fetch.queue.backoff.ms", "10"},
  };
  const kafka::ClientPtr client = must(kafka::make_client(RD_KAFKA_CONSUMER, must(kafka::make_conf(settings, properties))));
  rd_kafka_poll_set_consumer(client.get());
  const kafka::PartitionListPtr list = kafka::partition_list(ends.size());
  for (std::size_t p = 0; p < ends.size(); ++p) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<std::int32_t>(p))->offset = ends[p];
  }
  rd_kafka_assign(client.get(), list.get());
  const SystemClock clock;
  while (!stop_) {
    const kafka::MessagePtr message{rd_kafka_consumer_poll(client.get(), kPollMs)};
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ++at_end_;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    each_({static_cast<const char*>(message->payload), message->len}, clock.now());
  }
}

}  // namespace weir::bench
