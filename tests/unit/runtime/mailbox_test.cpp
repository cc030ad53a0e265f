#include "common/runtime/mailbox.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace weir;
using namespace weir::runtime;

namespace {
Fetched of(std::size_t records, std::size_t bytes) {
  Fetched fetched;
  fetched.records.resize(records);
  fetched.bytes = bytes;
  return fetched;
}
}  // namespace

TEST_CASE("the mailbox tells what waits in it, by records and by bytes") {
  Bell bell;
  Mailbox mailbox(bell);
  mailbox.put(of(10, 1));
  mailbox.put(of(1, 1'000));
  CHECK(mailbox.load().records == 11);
  CHECK(mailbox.load().bytes == 1'001);
  CHECK(mailbox.take_fetched());
  CHECK(mailbox.load().records == 1);
  CHECK(mailbox.load().bytes == 1'000);
}

TEST_CASE("taking records and giving orders ring the bell, and a wait for it ends with its patience") {
  Bell bell;
  Mailbox mailbox(bell);
  CHECK_FALSE(bell.wait(Milliseconds{0}, [] { return false; }));
  mailbox.put(of(1, 1));
  std::thread working([&] { CHECK(mailbox.take_fetched()); });
  CHECK(bell.wait(Milliseconds{10'000}, [&] { return mailbox.load().records == 0; }));
  working.join();
  std::thread ordering([&] { mailbox.order({{"t", 0}, 5, -1, 0}); });
  CHECK(bell.wait(Milliseconds{10'000}, [&] { return mailbox.has_orders(); }));
  ordering.join();
}

TEST_CASE("a revocation waits until the worker has dealt with it") {
  Bell bell;
  Mailbox mailbox(bell);
  const std::uint64_t ticket = mailbox.announce_awaited({Rebalance::kRevoked, {{"t", 0}}, 0});
  CHECK_FALSE(mailbox.await_answer(ticket, Milliseconds{0}));
  std::thread polling([&] { CHECK(mailbox.await_answer(ticket, Milliseconds{10'000})); });
  std::optional<Rebalanced> rebalance;
  while (!(rebalance = mailbox.take_rebalance())) mailbox.wait(Milliseconds{10});
  CHECK(rebalance->partitions.front() == TopicPartition{"t", 0});
  mailbox.answer(*rebalance);
  polling.join();
}

TEST_CASE("orders are numbered, so that records which were fetched before an order are known to be stale") {
  Bell bell;
  Mailbox mailbox(bell);
  CHECK(mailbox.order({{"t", 0}, 5, -1, 0}) == 1);
  CHECK(mailbox.order({{"t", 0}, 7, -1, 0}) == 2);
  const auto orders = mailbox.take_orders();
  REQUIRE(orders.size() == 2);
  CHECK(orders[1].sequence == 2);
  CHECK(mailbox.take_orders().empty());
}
