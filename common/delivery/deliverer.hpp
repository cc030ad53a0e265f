// Carries out the jobs of a queue by calls to the outside, on one thread. A turn is one bounded step:
//
//   let the calls go on ─► report what ended ─► claim where there is room ─► begin what may begin
//
// The queue's transactions are carried out by two executors, one for claims and one for reports, so that calls go on meanwhile. A turn
// begins a transaction where none of its kind is under way, and a later turn takes its answer.
//
// Nothing is lost, because a job's row stays in its queue until its last report is committed; and no call is repeated unseen, because the
// attempt is committed before its call begins, and its answer is written only under the number of its claim.
#pragma once

#include "common/delivery/account_metrics.hpp"
#include "common/delivery/executor.hpp"
#include "common/delivery/provider.hpp"
#include "common/delivery/queue.hpp"
#include "common/telemetry/health.hpp"
#include "common/telemetry/log.hpp"
#include "common/telemetry/metrics.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::delivery {

/// A part of the queue that is claimed by itself, so that a slow channel leaves other channels their room.
struct Channel {
  std::string name;
  std::size_t most_in_hand = 256;      // jobs that are claimed and not yet reported
  std::vector<std::string> providers;  // that carry its jobs out
  std::size_t most_in_a_claim = 256;
};

struct Limits {
  std::vector<Channel> channels;
  Microseconds lease{Seconds{60}};        // how long a claim keeps others away from a row
  Microseconds begin_within{Seconds{2}};  // of the claim, since its tokens are of that moment
  Milliseconds longest_rest{1'000};       // after which the queue is asked although nobody rang
  /// How long, while calls are in flight, endings wait to be reported together, and a channel waits before it is claimed again: a
  /// transaction for a few jobs costs nearly as much as a transaction for many. After a ring a channel does not wait.
  Milliseconds gather{0};
  std::size_t most_gathered = 256;         // as many endings wait for no more
  std::set<std::string> named_accounts{};  // which metrics show by their names
  Backoff queue_backoff{Milliseconds{100}, Seconds{30}};
  std::uint64_t seed = 0;  // for jitter
};

struct Parts {
  std::string name;  // of the queue, in metrics: "notifications"
  Queue& queue;
  http::Caller& caller;
  std::map<std::string, const Provider*> providers;
  const Clock& clock;
  telemetry::Log& log;
  telemetry::Metrics& metrics;
  telemetry::Health& health;
  Executors executors{};
};

class Deliverer {
 public:
  /// kConfiguration where a channel names a provider that is not there, or a call may take longer than a lease.
  [[nodiscard]] static Result<std::unique_ptr<Deliverer>> make(Parts parts, Limits limits);
  Deliverer(const Deliverer&) = delete;
  Deliverer& operator=(const Deliverer&) = delete;
  /// Waits for the transactions under way.
  ~Deliverer();

  /// Takes one step. Waits until there is something to do, for at most `patience`. A queue that is away is waited for, and readiness says
  /// so; a fault of the queue that waiting does not mend is returned.
  [[nodiscard]] Result<void> turn(Milliseconds patience = Seconds{1});
  /// Rows may be due, in any channel. From any thread.
  void ring();
  /// Rows of one channel may be due: others are not asked. From any thread.
  void ring(std::string_view channel);
  /// From now on nothing is claimed; calls in flight are still waited for and reported.
  void drain();
  /// Nothing is in hand, and no transaction is under way.
  [[nodiscard]] bool is_idle() const { return !claiming_ && !reporting_ && endings_.empty() && in_hand() == 0; }
  [[nodiscard]] std::size_t in_hand() const;

 private:
  struct ChannelState {
    Channel channel;
    std::size_t in_hand = 0;
    std::size_t room_of_an_account = 1;
    SteadyInstant ask_at{};
    SteadyInstant not_before{};  // the earliest claim while calls are in flight
    bool has_left_none = false;  // its last claim
  };
  /// A claim under way.
  struct Claiming {
    std::size_t channel = 0;
    SteadyInstant asked{};
    Wanted wanted;
    std::optional<Result<Claimed>> answer{};  // the executor's to write, while it is busy
  };
  /// Reports under way, with the rest of their endings.
  struct Reporting {
    Endings of{};
    std::vector<Report> reports{};
    std::optional<Result<std::size_t>> answer{};  // the executor's to write, while it is busy
  };
  struct Flight {
    Batch batch;
    std::string account;
    const Provider* provider = nullptr;
    SteadyInstant began{};
  };

  Deliverer(Parts parts, Limits limits);
  [[nodiscard]] Milliseconds patience(Milliseconds most) const;
  /// Channels that were rung may be claimed at once.
  void hear(SteadyInstant now);
  /// When a channel is claimed next; none while it has no room for a job, a claim is under way, or no claim may be made.
  [[nodiscard]] std::optional<SteadyInstant> claims_at(const ChannelState& channel) const;
  /// When the endings that wait are reported; none while others are being reported.
  [[nodiscard]] std::optional<SteadyInstant> reports_at(SteadyInstant now) const;
  void judge(Flight flight, const http::Ending& ending);
  /// Begins to report the endings that wait, where it is time to.
  Result<void> report();
  /// Takes the queue's answer to the reports under way.
  Result<void> end_report();
  [[nodiscard]] Reporting take_endings(std::size_t count);
  void reported(const Reporting& done, std::size_t stood);
  Result<void> not_reported(Reporting failed, const Fault& fault);
  /// Begins a claim, where it is time to.
  Result<void> claim();
  /// Takes the queue's answer to the claim under way.
  Result<void> end_claim();
  [[nodiscard]] Wanted wanted(const ChannelState& channel, SteadyInstant now) const;
  void admit(std::size_t channel, Job job, SteadyInstant asked);
  void start();
  void begin(const std::string& name, Account& account, Batch batch, SteadyInstant now);
  void look_around(SteadyInstant now);
  Result<void> queue_failed(const Fault& fault);
  void queue_answered();
  /// A queue that takes no reports is asked for no jobs.
  [[nodiscard]] bool has_report_in_trouble() const;

  Parts parts_;
  Limits limits_;
  std::vector<ChannelState> channels_;
  std::map<std::string, Account> accounts_;
  AccountMetrics account_metrics_;
  SteadyInstant measure_at_{};
  std::map<http::CallId, Flight> flights_;
  http::CallId last_call_ = 0;
  SameThread here_;
  Executor& claims_;
  Executor& reports_;
  std::optional<Claiming> claiming_;
  std::optional<Reporting> reporting_;
  Endings endings_;
  std::optional<SteadyInstant> gather_until_;
  std::size_t one_by_one_ = 0;  // so many of the first endings are reported alone, because the queue refuses one among them
  bool is_replaced_ = false;    // the first ending stands for one that the queue refused
  int queue_failures_ = 0;
  SteadyInstant queue_retry_at_{};
  std::mt19937_64 random_;
  bool is_draining_ = false;
  std::size_t next_channel_ = 0;
  static constexpr std::uint64_t kAllChannels = ~std::uint64_t{0};
  std::atomic<std::uint64_t> rung_{kAllChannels};  // a bit for each channel
};

}  // namespace weir::delivery
