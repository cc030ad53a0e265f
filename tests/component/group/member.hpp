// A member of a group as a test drives it: it starts each assigned partition at the offset that the test says, and keeps the records that
// it read.
#pragma once

#include "common/core/await.hpp"
#include "common/group/group_source.hpp"
#include "tests/component/kafka/fixture.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>

namespace weir::group {

using runtime::TopicPartition;

struct Read {
  TopicPartition partition;
  std::int64_t offset = 0;
  std::string value;
};

class Member final : public runtime::RebalanceListener {
 public:
  /// Where a partition begins; none: it is not started.
  using Begin = std::function<std::optional<std::int64_t>(const TopicPartition&)>;

  Member(GroupOptions options, Begin begin, const kafka::Settings& settings = kafka::broker()) : begin_(std::move(begin)) {
    const auto settled = configure_group(settings, options);
    REQUIRE_MESSAGE(settled.has_value(), settled.error().line());
    auto opened = open_group_source(settings, options, *this);
    INFO((opened ? std::string() : opened.error().line()));
    REQUIRE(opened.has_value());
    source = std::move(*opened);
  }

  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  /// Leaving the group tells the listener, which is this.
  ~Member() override { source.reset(); }

  void assigned(std::span<const TopicPartition> partitions) override {
    owned.insert(partitions.begin(), partitions.end());
    to_start_.insert(to_start_.end(), partitions.begin(), partitions.end());
  }
  void revoked(std::span<const TopicPartition> partitions) override {
    ++revocations;
    for (const auto& partition : partitions) owned.erase(partition);
  }
  void lost(std::span<const TopicPartition> partitions) override {
    ++losses;
    for (const auto& partition : partitions) owned.erase(partition);
  }

  /// Polls once, and keeps the records, the ends and the fault.
  void poll(Milliseconds patience = Milliseconds{50}) {
    auto batch = source->poll(1'000, patience);
    for (const auto& partition : std::exchange(to_start_, {})) {
      const auto offset = begin_(partition);
      if (offset && owned.contains(partition)) REQUIRE(source->start(partition, *offset, -1));
    }
    if (!batch) {
      faults.push_back(batch.error());
      return;
    }
    for (const auto& record : batch->records) {
      const TopicPartition partition{std::string(record.topic), record.partition};
      CHECK(owned.contains(partition));
      reads.push_back({partition, record.offset, std::string(record.value.value_or("none"))});
      next[partition] = record.offset + 1;
    }
    breaks.insert(breaks.end(), batch->breaks.begin(), batch->breaks.end());
    for (const auto& end : batch->ends) {
      ends[end.partition] = end.offset;
      last_end = end;
    }
  }

  /// Polls until `holds`; false where it does not in time.
  bool poll_until(const std::function<bool()>& holds) {
    return await(kafka::kSoon, [&] {
      if (holds()) return true;
      poll();
      return holds();
    });
  }

  [[nodiscard]] std::vector<std::string> values() const {
    std::vector<std::string> all;
    for (const auto& read : reads) all.push_back(read.value);
    return all;
  }
  [[nodiscard]] bool has_fault(FaultKind kind) const {
    return std::any_of(faults.begin(), faults.end(), [&](const Fault& fault) { return fault.kind == kind; });
  }

  std::unique_ptr<runtime::Source> source;
  std::set<TopicPartition> owned;
  std::vector<Read> reads;
  std::map<TopicPartition, std::int64_t> next;
  std::map<TopicPartition, std::int64_t> ends;
  runtime::EndOfLog last_end;
  std::vector<Fault> faults;
  std::vector<runtime::Break> breaks;
  int revocations = 0;
  int losses = 0;

 private:
  Begin begin_;
  std::vector<TopicPartition> to_start_;
};

inline std::optional<std::int64_t> from_zero(const TopicPartition&) { return 0; }

/// The whole of these programs runs once a protocol (see CMakeLists.txt).
inline GroupProtocol protocol_under_test() {
  const char* const name = std::getenv("WEIR_TEST_GROUP_PROTOCOL");
  return name != nullptr && std::string_view(name) == "consumer" ? GroupProtocol::kConsumer : GroupProtocol::kClassic;
}

inline GroupOptions group_of(const std::string& topic) {
  GroupOptions options;
  options.protocol = protocol_under_test();
  options.group = testing::topic_prefix() + "group";
  options.topics = {topic};
  options.session_timeout = Milliseconds{10'000};
  return options;
}

inline std::unique_ptr<kafka::Producer> plain_producer() {
  return kafka::Producer::open(kafka::broker(), kafka::ProducerOptions{}).value();
}

inline void produce(kafka::Producer& producer, const std::string& topic, std::int32_t partition, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    kafka::Message one = kafka::message(topic, "k", "");
    const std::string value = std::to_string(i);
    one.value = value;
    one.partition = partition;
    REQUIRE(producer.send(one));
  }
  REQUIRE(producer.flush(kafka::kSoon));
}

}  // namespace weir::group
