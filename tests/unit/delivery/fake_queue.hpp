// A queue in memory, whose calls can be refused, or carried out with their answer lost.
#pragma once

#include "common/delivery/queue.hpp"
#include "common/testing/manual_clock.hpp"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace weir::testing {

[[nodiscard]] Uuid row_id(int number);

/// A row of the queue, and all that ever befell it.
struct Row {
  enum class End : std::uint8_t { kNone, kAccepted, kRefused, kUsedUp, kHeld, kExpired };
  struct Attempt {
    std::int64_t claim = 0;
    SteadyInstant granted{};
    std::string verdict{};  // "" while it has no recorded answer
    bool is_spent = false;
    bool is_refunded = false;
  };
  std::string channel = "main";
  std::string provider = "fake";
  std::string account = "fake:1";
  SteadyInstant due{};
  SteadyInstant expires = SteadyInstant::max();
  std::int64_t claim = 0;
  SteadyInstant lease_until{};  // in the past: nobody's
  int tries = 0;
  bool is_alone = false;
  bool holds_in_doubt = false;  // the row's own rule: what may have been sent is not sent again
  End end = End::kNone;
  std::string reason;
  std::map<int, Attempt> attempts;

  [[nodiscard]] const Attempt& attempt(int number) const { return attempts.at(number); }
};

/// What the queue's next call meets. kLost: it is carried out, and its answer is lost.
struct QueueFault {
  enum class At : std::uint8_t { kClaim, kReport };
  At at;
  FaultKind kind = FaultKind::kPgConnection;
  bool is_lost = false;
};

class FakeQueue final : public delivery::Queue {
 public:
  explicit FakeQueue(ManualClock& clock) : clock_(clock), moved_(&clock) {}
  /// Over a clock that goes by itself; without latency.
  explicit FakeQueue(const Clock& clock) : clock_(clock) {}
  Result<delivery::Claimed> claim(const delivery::Wanted& wanted) override;
  Result<std::size_t> report(std::span<const delivery::Report> reports, std::span<const delivery::Refund> refunds) override;

  Row& add(int number) {
    ids.push_back(row_id(number));
    return rows[ids.back()];
  }
  [[nodiscard]] Row& row(int number) { return rows.at(row_id(number)); }
  [[nodiscard]] bool all_ended() const;

  std::map<Uuid, Row> rows;
  std::vector<Uuid> ids;  // in the order of their age
  std::deque<QueueFault> faults;
  std::function<std::optional<QueueFault>(QueueFault::At)> weather;  // faults that come by chance
  std::set<Uuid> unwritable;                                         // rows whose acceptance Postgres refuses
  Microseconds latency{0};                                           // of each half of a call
  std::vector<delivery::Wanted> asked;
  int reports = 0;
  std::int64_t stale = 0;

 private:
  [[nodiscard]] std::optional<QueueFault> fault_at(QueueFault::At at);
  void write(const delivery::Report& report, std::size_t& stood);
  [[nodiscard]] delivery::Job give_out(const Uuid& id, Row& row, Microseconds lease);
  void pass();
  const Clock& clock_;
  ManualClock* moved_ = nullptr;
  std::int64_t last_claim_ = 0;
};

}  // namespace weir::testing
