// The application under way: one thread writes to Postgres, one posts to the gateway, both at a steady rate, until told to stop.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "demo/application/application.hpp"
#include "demo/application/simulation.hpp"
#include "demo/application/visitors.hpp"
#include "demo/witness/verify.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace weir::demo {

struct Rates {
  double changes_per_second = 300;
  double posts_per_second = 30;
};

class Load {
 public:
  Load(Simulation& simulation, Application& application, Visitors& visitors, const Clock& clock, const Rates& rates);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();

  /// Ends the application's executions under way, and waits for both threads. Gives the first Fault of either thread, if any.
  [[nodiscard]] Result<void> finish();
  /// The first Fault of either thread so far.
  [[nodiscard]] Result<void> fault() const;

  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  [[nodiscard]] std::uint64_t posts() const { return posts_; }
  /// To be called after finish().
  [[nodiscard]] const std::vector<AcceptedAction>& accepted() const { return accepted_; }

 private:
  void write();
  void post();
  void note(const Result<void>& result);
  /// Sleeps until the `count`-th of the steps that are made at `rate` is due. False: told to stop.
  [[nodiscard]] bool due(std::uint64_t count, double rate) const;

  Simulation& simulation_;
  Application& application_;
  Visitors& visitors_;
  const Clock& clock_;
  Rates rates_;
  SteadyInstant begin_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> changes_{0};
  std::atomic<std::uint64_t> posts_{0};
  std::vector<AcceptedAction> accepted_;
  mutable std::mutex mutex_;  // guards fault_
  std::optional<Fault> fault_;
  std::thread writer_;
  std::thread poster_;
};

}  // namespace weir::demo
