// A load of executions written by set-based SQL, whose course is decided by a seed and which goes on through restarts of Postgres:
// each step is one transaction with its own marker, so that a step whose commit was in doubt is neither lost nor done twice.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/postgres/connection.hpp"
#include "demo/application/world.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace weir::testing {

struct SteadyLoadOptions {
  std::string dsn;
  std::uint64_t seed = 1;
  std::int64_t executions = 100'000;
  std::int64_t executions_a_step = 200;
  double late = 1;   // share of executions that ended up to 40 minutes before that is written; the others just then
  double edges = 0;  // share whose end lies, by turns: 9 minutes ahead, 23 hours ahead, and half a day within and beyond 30 days ago
};

/// Four steps a chunk: queued, running, ended, and afterthoughts about the chunk before (ratings, corrections, deletions).
class SteadyLoad {
 public:
  SteadyLoad(const SteadyLoadOptions& options, demo::World world);
  SteadyLoad(const SteadyLoad&) = delete;
  SteadyLoad& operator=(const SteadyLoad&) = delete;
  ~SteadyLoad();

  /// Organizations and agents; before start().
  [[nodiscard]] Result<void> settle();
  void start();
  /// Lets the load write up to this share of its executions, and wait there.
  void allow(double share);
  /// Begins no further chunk; a chunk that was begun is written to its end.
  void end_soon() { ending_ = true; }
  /// How many executions the load writes in all.
  [[nodiscard]] std::int64_t executions() const { return chunks_ * options_.executions_a_step; }
  [[nodiscard]] bool done() const { return done_; }
  /// The fault that ended it early, if any.
  [[nodiscard]] std::optional<Fault> fault() const;

 private:
  void write();
  [[nodiscard]] std::int64_t all_steps() const;
  /// Repeats the step until it is committed, over as many connections as that takes.
  [[nodiscard]] Result<void> take_step(std::int64_t number);
  [[nodiscard]] Result<void> try_step(std::int64_t number);
  [[nodiscard]] Result<void> apply(std::int64_t chunk, int kind);

  SteadyLoadOptions options_;
  demo::World world_;
  std::optional<postgres::Connection> connection_;
  std::atomic<std::int64_t> chunks_;
  std::atomic<std::int64_t> allowed_steps_{0};
  std::atomic<bool> ending_{false};
  std::atomic<bool> stop_{false};
  std::atomic<bool> done_{false};
  mutable std::mutex mutex_;  // guards fault_
  std::optional<Fault> fault_;
  std::thread writer_;
};

}  // namespace weir::testing
