// The parts that the tests against a real broker share: a client's settings, a topic of their own, and reading a topic back.
#pragma once

#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/local/kafka_probe.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace weir::kafka {

constexpr Milliseconds kSoon{30'000};

inline Settings broker() {
  Settings settings;
  settings.brokers = testing::kafka().bootstrap();
  return settings;
}

inline std::unique_ptr<Admin> admin() { return Admin::open(broker()).value(); }

inline std::string make_topic(std::int32_t partitions = 1, std::map<std::string, std::string> configuration = {}) {
  const std::string name = testing::topic_prefix() + "topic";
  const auto made = admin()->create_topics({TopicSpec{name, partitions, 1, std::move(configuration)}});
  INFO((made ? std::string() : made.error().line()));
  REQUIRE(made.has_value());
  return name;
}

inline Message message(std::string_view topic, std::string_view key, std::string_view value) {
  Message made;
  made.topic = topic;
  made.key = key;
  made.value = value;
  return made;
}

/// Stops the broker's process and answers once it is: the signal takes a moment to reach all of its threads.
inline void pause_broker() {
  const std::string address = testing::kafka().bootstrap();
  const int port = std::stoi(address.substr(address.find(':') + 1));
  testing::kafka().pause();
  REQUIRE(await(kSoon, [&] { return !local::kafka_serves(port, Milliseconds{100}); }));
}

/// The values of a topic as a read_committed reader finds them.
inline std::vector<std::string> values_of(const std::string& topic) {
  std::vector<std::string> values;
  const auto read = admin()->read_topic(
      topic, [&](StoredRecord record) { values.push_back(record.value.value_or("none")); }, kSoon);
  INFO((read ? std::string() : read.error().line()));
  REQUIRE(read.has_value());
  return values;
}

}  // namespace weir::kafka
