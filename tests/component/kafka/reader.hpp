// Producing to a stand-in broker and reading from it as a group.
#pragma once

#include "common/core/waiting.hpp"
#include "common/group/group_source.hpp"
#include "common/kafka/producer.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::kafka {

inline constexpr Milliseconds kSoon{30'000};

inline void send(Producer& producer, const std::string& topic, std::size_t count, std::size_t bytes) {
  std::string value;
  for (std::size_t i = 0; i < count; ++i) {
    value.clear();
    for (std::uint64_t x = i + 1; value.size() < bytes;)
      value.push_back(static_cast<char>((x = x * 6'364'136'223'846'793'005U + 1) >> 56U));
    Message message;
    message.topic = topic;
    message.key = "k";
    message.value = value;
    while (!producer.send(message)) producer.wait_for_room(Milliseconds{100});
  }
  REQUIRE(producer.flush(kSoon));
}

/// Starts assigned partitions at `begin`, and counts the records that it reads.
struct Reader final : runtime::RebalanceListener {
  Reader(const Settings& settings, const std::string& topic, std::int64_t begin) : begin_(begin) {
    group::GroupOptions options;
    options.group = "group";
    options.topics = {topic};
    options.session_timeout = Milliseconds{10'000};
    source = group::open_group_source(settings, options, *this).value();
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() override { source.reset(); }
  void assigned(std::span<const runtime::TopicPartition> partitions) override { waiting_.assign(partitions.begin(), partitions.end()); }
  void revoked(std::span<const runtime::TopicPartition>) override {}
  void lost(std::span<const runtime::TopicPartition>) override {}

  template <class Condition>
  bool poll_until(Condition holds) {
    // By time: a poll that has something to say returns at once.
    for (const Deadline deadline(kSoon); !deadline.over() && !holds();) {
      auto batch = source->poll(1'000, Milliseconds{50});
      for (const auto& partition : std::exchange(waiting_, {})) REQUIRE(source->start(partition, begin_, -1));
      if (!batch) {
        fault = batch.error();
        continue;
      }
      records += batch->records.size();
      if (!batch->breaks.empty()) broken = batch->breaks.back();
      if (!batch->ends.empty()) end = batch->ends.back().offset;
    }
    return holds();
  }

  std::unique_ptr<runtime::Source> source;
  std::size_t records = 0;
  std::optional<std::int64_t> end;
  std::optional<Fault> fault;
  std::optional<runtime::Break> broken;

 private:
  std::int64_t begin_;
  std::vector<runtime::TopicPartition> waiting_;
};

}  // namespace weir::kafka
