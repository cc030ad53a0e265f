// Several instances of the tape. Each reaches Postgres through a proxy of its own, which knows whether the instance has a transaction open.
#pragma once

#include "tests/chaos/harness/ground.hpp"

#include <cstddef>
#include <vector>

namespace weir::chaos {

class Crew {
 public:
  explicit Crew(Ground& ground) : ground_(ground) {}

  /// "tape-1", "tape-2", …; not started. `environment` of each, beside what the ground sets.
  void hire(std::size_t count, const std::map<std::string, std::string>& environment = {});
  void start(std::size_t index) { members_[index]->start(); }
  [[nodiscard]] Instance& member(std::size_t index) { return *members_[index]; }
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] Proxy& link(const Instance& member) { return ground_.postgres_link(member.name()); }
  [[nodiscard]] Proxy& link(std::size_t index) { return link(*members_[index]); }

  /// The delay in each direction between every member and Postgres.
  void delay(Milliseconds one_way);
  /// Waits until every partition has a living owner, and the events of none go one at a time after a second death: a third death would
  /// bury the event in hand, rightly, but here an innocent event. While this waits there is no delay.
  void calm();
  /// Waits until the member, since its last start, has committed events.
  void await_work(const Instance& member);
  /// SIGKILL. Gives whether the member had a transaction open.
  [[nodiscard]] bool kill(Instance& member);
  /// Stops all that run, in good order.
  void stop();

 private:
  [[nodiscard]] bool is_calm();

  Ground& ground_;
  Milliseconds delay_{0};
  std::vector<Instance*> members_;
};

}  // namespace weir::chaos
