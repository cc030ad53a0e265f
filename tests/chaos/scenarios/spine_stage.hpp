// What the spine scenario hurts: the parts, the roads between them, and the load that goes on meanwhile.
#pragma once

#include "demo/application/simulation.hpp"
#include "demo/witness/verify.hpp"
#include "tests/chaos/harness/ground.hpp"
#include "tests/chaos/harness/schedule.hpp"
#include "tests/chaos/scenarios/posts.hpp"
#include "tests/chaos/scenarios/steady_load.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::chaos {

/// Each part has a proxy before the broker and another before Postgres.
inline constexpr std::array<const char*, 3> kRoads{"cdc", "gateway", "consumers"};
inline constexpr std::size_t kFewestMembers = 2;  // instances of rollups at once
inline constexpr std::size_t kMostMembers = 4;

struct SpineOptions {
  std::map<std::string, std::string> environment{};  // of every part
  bool until_settled = false;  // executions are written until the rest has ended; else as many as fit into the duration
  double late = 1;             // as SteadyLoadOptions has it
  double edges = 0;            // likewise
};

class SpineStage {
 public:
  SpineStage(const Report& report, const Parameters& asked, const SpineOptions& options = {});

  [[nodiscard]] std::vector<Injection> injections();
  /// Starts everything; answers when records end in rollups.
  void warm_up();
  /// The time that was asked for has passed.
  [[nodiscard]] bool time_is_over() const;
  /// Waits until every partition has an owner that lives, none goes one event at a time, and records end again.
  void recover();
  /// Waits as the ground does, and lets the load go on in step with the time meanwhile.
  void await(const std::string& what, const std::function<bool()>& holds);
  /// Heals, lets the rest of the load be written, and waits until everything has ended.
  void settle();
  /// Ends every part, in good order.
  void stop();
  /// Once everything has ended and is stopped: reports how it compares with what was written and accepted, of which nothing may differ.
  demo::Verdict verify();
  [[nodiscard]] Ground& ground() { return ground_; }
  [[nodiscard]] Milliseconds duration() const { return duration_; }
  /// How many executions were written; to be asked once all has ended.
  [[nodiscard]] std::int64_t executions() const { return load_.executions(); }

 private:
  using Dice = std::mt19937_64;

  [[nodiscard]] GroundOptions ground_options() const;
  void make_keys();
  void kill_one(Dice& dice);
  void freeze_past_the_session(Dice& dice);
  void join_or_leave(Dice& dice);
  void end_a_session(Dice& dice);
  void cut_a_commit(Dice& dice);
  void refuse_a_statement(Dice& dice);
  void silence_a_road(Dice& dice);
  void slow_a_road(Dice& dice);
  void reset_a_road(Dice& dice);
  [[nodiscard]] Proxy& any_road(Dice& dice);
  [[nodiscard]] Instance& any_rollups(Dice& dice);
  [[nodiscard]] std::int64_t ended() {
    return ground_.try_number("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts").value_or(0);
  }
  [[nodiscard]] double share() const;
  void await_more(std::int64_t records);

  const Report& report_;
  Milliseconds duration_;
  bool until_settled_;
  Ground ground_;
  demo::Simulation simulation_;
  testing::SteadyLoad load_;
  std::optional<Posts> posts_;
  demo::Expectation expectation_;
  std::vector<demo::AcceptedAction> accepted_;
  std::vector<std::string> members_;   // instances of rollups that run
  std::optional<Milliseconds> begin_;  // when the faults began
};

}  // namespace weir::chaos
