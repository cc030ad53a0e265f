#include "tests/bench/rollups/steady_load.hpp"

#include "common/core/await.hpp"
#include "tests/bench/support/bench.hpp"

#include <limits>

namespace weir::bench {

namespace {

constexpr Milliseconds kPatience{60'000};
constexpr Milliseconds kTick{5};

}  // namespace

SteadyLoad::SteadyLoad(const kafka::Settings& broker, std::string topic, const SteadyRate& rate, Told told)
    : topic_(std::move(topic)),
      rate_(rate),
      told_(std::move(told)),
      producer_(must(kafka::Producer::open(broker, kafka::ProducerOptions{}))),
      thread_([this] { run(); }) {}

/// Sends a tick's worth of events each tick; late ticks are made up for, so that the rate holds.
void SteadyLoad::run() {
  const SystemClock clock;
  EventWriter writer({});
  std::string key;
  std::string value;
  const std::int64_t all = rate_.events == 0 ? std::numeric_limits<std::int64_t>::max() : rate_.events;
  const Stopwatch watch;
  const auto due_by_now = [&] { return static_cast<std::int64_t>(watch.seconds() * static_cast<double>(rate_.a_second)); };
  while (sent_ < all && !ended_) {
    await(
        kPatience, [&] { return due_by_now() > sent_ || ended_; }, kTick);
    const std::int64_t due = std::min(due_by_now(), all);
    for (; sent_ < due; ++sent_) {
      const Instant now = clock.now();
      writer.write(sent_, now, key, value);
      kafka::Message message;
      message.topic = topic_;
      message.partition = static_cast<std::int32_t>(std::hash<std::string>{}(key) % kPartitions);
      message.key = key;
      message.value = value;
      while (!producer_->send(message)) producer_->wait_for_room(Milliseconds{10});
      if (told_) told_(static_cast<std::size_t>(message.partition), now);
    }
  }
  must(producer_->flush(kPatience));
}

std::int64_t SteadyLoad::finish() {
  ended_ = true;
  if (thread_.joinable()) thread_.join();
  return sent_;
}

}  // namespace weir::bench
