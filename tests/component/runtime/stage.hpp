// A whole group in one test program: a database, a topic, and instances of a small consumer that run as the real ones do.
#pragma once

#include "common/core/await.hpp"
#include "common/group/group_source.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/ledger/postgres_letters.hpp"
#include "common/runtime/run.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {

inline constexpr Milliseconds kPatience{60'000};

class Stage;

/// A running instance. Its destructor drains and stops it.
class Instance {
 public:
  Instance(Stage& stage, std::string dsn, std::size_t lanes = 1);
  ~Instance() { static_cast<void>(stop()); }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  /// Asks it to stop, waits, and returns how it ended.
  Result<void> stop();
  [[nodiscard]] bool ended() const { return ended_; }
  telemetry::Health health;
  telemetry::Metrics metrics;

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<bool> ended_{false};
  std::optional<Result<void>> outcome_;
  std::jthread thread_;
};

class Stage {
 public:
  explicit Stage(std::int32_t partitions = 4);

  [[nodiscard]] std::unique_ptr<Instance> start(std::size_t lanes = 1) { return std::make_unique<Instance>(*this, dsn, lanes); }
  /// Produces values "FIRST" … "FIRST+COUNT-1", each its own key, acknowledged when this returns.
  void produce(int first, int count);
  void produce(const std::vector<std::string>& values, bool transactional = false, bool abort = false);
  /// The same with a key of its own for each value: {key, value}.
  void produce_keyed(const std::vector<std::pair<std::string, std::string>>& records);
  /// Deletes the topic and makes it again, as fast as Kafka lets us.
  void make_topic_again();
  /// An incident's first half: 300 records are taken by a sound release, and of the next 2,400 as many as one takes that reads a column by
  /// a wrong name, until it has stopped for that; returned as it stands.
  [[nodiscard]] std::unique_ptr<Instance> run_broken_release();
  /// Waits until the group's positions are at the end of every partition.
  [[nodiscard]] bool caught_up();
  [[nodiscard]] std::int64_t number(const std::string& query);
  [[nodiscard]] std::string text(const std::string& query);
  /// Checks that each of "0" … "count-1" is in `result` exactly once, and counted once.
  void check_exact(int count);

  std::atomic<int> decoders_made{0};
  bool renamed = false;                           // stands for a release that reads a column by a wrong name, which one record of five has
  Microseconds grace = std::chrono::minutes{15};  // of parked letters
  Microseconds mark_every = std::chrono::hours{1};
  std::string dsn = migrated_database();
  std::string topic;
  std::string group;
  std::unique_ptr<kafka::Admin> admin;
  kafka::Settings broker;
  std::int32_t partitions;
  std::optional<postgres::Connection> sql;
};

}  // namespace weir::testing
