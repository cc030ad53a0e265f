// The course of the simulated application's life, decided by a seed. Pure: it is told the time and says what happens next.
// As in life, some executions are late (completed in past windows), some are corrected, and some actions are repeated or broken.
#pragma once

#include "demo/application/changes.hpp"
#include "demo/application/random.hpp"
#include "demo/application/world.hpp"

#include <cstddef>
#include <deque>
#include <vector>

namespace weir::demo {

class Simulation {
 public:
  Simulation(std::uint64_t seed, const Population& population);

  [[nodiscard]] const World& world() const { return world_; }
  /// The next transaction of the application.
  [[nodiscard]] Transaction next_transaction(Instant now);
  /// The transactions that end all executions under way, so that nothing is left to happen.
  [[nodiscard]] std::vector<Transaction> last_transactions(Instant now);
  /// The next action of a user. It has dice of its own, so that the rate of posts does not change which transactions are written.
  [[nodiscard]] Post next_post(Instant now);

  /// Executions written with a value out of its domain: each is one dead letter.
  [[nodiscard]] std::size_t broken_executions() const { return broken_executions_; }

 private:
  struct Story {
    Execution execution;
    Task task;
    bool moves_agent = false;  // its agent is marked busy while it runs
  };
  [[nodiscard]] Transaction begin(Instant now);
  [[nodiscard]] Transaction run(Story& story, Instant now);
  [[nodiscard]] Transaction end(Story& story, Instant now);
  [[nodiscard]] Transaction afterthought(Instant now);
  void measure(Execution& execution, Instant now);
  /// Whether the value went out of its domain.
  [[nodiscard]] bool break_now_and_then(Execution& execution);
  [[nodiscard]] std::string body_of(const Post& post) const;

  Random dice_;
  Random post_dice_;
  World world_;
  std::vector<Story> under_way_;
  std::deque<Execution> ended_;  // candidates for an afterthought; bounded
  std::deque<Post> posted_;      // candidates for a repeat; bounded
  std::uint64_t posts_ = 0;
  std::size_t broken_executions_ = 0;
};

}  // namespace weir::demo
