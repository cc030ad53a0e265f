// Makes keyed, numbered events and sends them by a road, at a rate or as fast as it takes them, until told to stop or all are sent. What
// was acknowledged is in the journal. Outages are survived by sending the same event again.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "tests/chaos/harness/journal.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <thread>

namespace weir::chaos {

/// Where events go. Used by one thread.
class Road {
 public:
  virtual ~Road() = default;
  /// Sends a few events in order, and tells of each when it is acknowledged, then or later. `stopped` ends a wait for a service that is
  /// away. A Fault ends the generator: something that no later attempt could mend.
  virtual Result<void> send(std::span<const NumberedEvent> events, const std::function<void(const Acknowledged&)>& acknowledged,
                            const std::function<bool()>& stopped) = 0;
  /// Waits for what is still on its way.
  virtual Result<void> finish(const std::function<bool()>& stopped) = 0;
};

struct GeneratorOptions {
  std::uint64_t seed = 1;
  std::int64_t events = 100'000;  // this many at most
  std::int64_t first_key = 0;     // two generators of one run have keys apart
  std::int64_t keys = 1'000;
  double rate = 0;               // a second; 0: as fast as possible
  std::size_t batch = 50;        // what is sent together
  std::int64_t poison_each = 0;  // one in so many, of all kinds by turns; 0: none
  bool held = false;             // sends nothing before it is allowed to
};

class Generator {
 public:
  Generator(const GeneratorOptions& options, std::unique_ptr<Road> road, Journal& journal);
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator() { stop(); }

  /// Sends no more than so many until told otherwise; without a call, all, or none where it is held. For a load that goes on while faults
  /// come.
  void allow(std::int64_t events) { allowed_ = events; }
  /// From now on as fast as possible.
  void hurry() { unhurried_ = false; }
  [[nodiscard]] std::int64_t sent() const { return sent_; }
  [[nodiscard]] std::int64_t acknowledged() const { return acknowledged_; }
  /// All are sent and acknowledged, or a fault ended it.
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] std::optional<Fault> fault() const;
  /// Sends nothing more, and waits for what is on its way.
  void stop();

 private:
  void run();
  [[nodiscard]] NumberedEvent next();
  [[nodiscard]] Result<void> send_all();
  /// How many may be sent now; 0: none yet.
  [[nodiscard]] std::size_t room(SteadyInstant begin) const;

  GeneratorOptions options_;
  std::unique_ptr<Road> road_;
  Journal& journal_;
  const SystemClock clock_;
  std::mt19937_64 dice_;
  std::vector<std::int64_t> numbers_;  // of each key, the next
  std::int64_t poisons_ = 0;
  std::atomic<std::int64_t> allowed_;
  std::atomic<bool> unhurried_;
  std::atomic<std::int64_t> sent_{0};
  std::atomic<std::int64_t> acknowledged_{0};
  std::atomic<bool> stop_{false};
  std::atomic<bool> done_{false};
  mutable std::mutex mutex_;  // guards fault_
  std::optional<Fault> fault_;
  std::thread thread_;
};

}  // namespace weir::chaos
