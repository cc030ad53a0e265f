#include "tests/unit/runtime/incoming.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::runtime;
using weir::testing::Held;

TEST_CASE("a partition keeps its slot for as long as the lane lives, even if another member held it meanwhile") {
  Held held;
  const PartitionSlot slot = held.p1().slot;
  CHECK(slot != held.p0().slot);
  held.let_go({"t", 1});
  CHECK_FALSE(held.holds(slot));
  CHECK(held.find({"t", 1}) == nullptr);
  CHECK(held.assign({"t", 2}).slot != slot);
  CHECK(held.assign({"t", 1}).slot == slot);
  CHECK(held.at(slot).key == TopicPartition{"t", 1});
  held.let_go({"never", 0});
}

TEST_CASE("a partition that is assigned anew forgets everything that was known of it") {
  Held held(5);
  held.assign({"t", 0});
  CHECK_FALSE(held.p0().claimed);
  CHECK(held.p0().tentative.next_offset == 0);
  CHECK(held.claims().size() == 1);
}

TEST_CASE("claims are made in the order of topic and number, each when it is due") {
  Holdings holdings;
  for (const TopicPartition& key : {TopicPartition{"u", 0}, {"t", 7}, {"t", 2}}) holdings.assign(key);
  const SteadyInstant now{Seconds{9}};
  CHECK(holdings.due(now)->key == TopicPartition{"t", 2});
  holdings.due(now)->claim_at = now + Seconds{1};
  CHECK(holdings.due(now)->key == TopicPartition{"t", 7});
  holdings.due(now)->claimed = true;
  CHECK(holdings.due(now)->key == TopicPartition{"u", 0});
  holdings.due(now)->claimed = true;
  CHECK(holdings.due(now) == nullptr);
  CHECK(holdings.topics() == std::vector<std::string>{"t", "u"});
  CHECK(holdings.any_claimed());
}

TEST_CASE("all is read to its end once every claimed partition is") {
  Held held;
  CHECK_FALSE(held.all_at_end());
  held.p0().at_end = true;
  held.assign({"t", 1});
  CHECK(held.all_at_end());
  held.p0().caution = Caution::kCareful;
  CHECK(held.any_cautious());
  CHECK_FALSE(held.any_alone());
}

TEST_CASE("a paused partition is not waited for before the rest of a backlog is settled") {
  Held held;
  static_cast<void>(held.p0().reach_end({{"t", 0}, 0, 0}, SteadyInstant{}));
  CHECK_FALSE(held.all_at_end());
  held.p1().pause();
  CHECK(held.all_at_end());
}
