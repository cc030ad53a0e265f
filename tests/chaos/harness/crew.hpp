// Several instances of the tape, each behind a proxy of its own before Postgres, by which is known what it has in hand.
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

  /// One way, of every member's way to Postgres.
  void delay(Milliseconds one_way);
  /// Waits until every partition has a living owner, and the events of none go one at a time after a second death: a third one would bury
  /// the event in hand, as it should, and here that would be an innocent one. Without delay while it lasts.
  void calm();
  /// Waits until the member, since its last start, has committed events.
  void await_work(const Instance& member);
  /// SIGKILL. Answers whether a transaction of it was open.
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
