#include "common/runtime/mailbox.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace weir;
using namespace weir::runtime;

namespace {
Delivery of(std::size_t records, std::size_t bytes) {
  Delivery delivery;
  delivery.records.resize(records);
  delivery.bytes = bytes;
  return delivery;
}
}  // namespace

TEST_CASE("the mailbox is full by records or by bytes, and has room again once something was taken") {
  Mailbox mailbox(10, 1'000);
  CHECK(mailbox.has_room());
  mailbox.deliver(of(10, 1));
  CHECK_FALSE(mailbox.has_room());
  CHECK(mailbox.take_delivery());
  CHECK(mailbox.has_room());
  mailbox.deliver(of(1, 1'000));
  CHECK_FALSE(mailbox.has_room());
  CHECK_FALSE(mailbox.wait_for_room(Milliseconds{0}));
}

TEST_CASE("a revocation waits until the worker has dealt with it") {
  Mailbox mailbox(1, 1);
  std::thread polling([&] { CHECK(mailbox.announce_and_wait({Rebalance::kRevoked, {{"t", 0}}, 0}, Milliseconds{10'000})); });
  std::optional<RebalanceNotice> notice;
  while (!(notice = mailbox.take_notice())) mailbox.wait(Milliseconds{10});
  CHECK(notice->partitions.front() == TopicPartition{"t", 0});
  mailbox.settle(*notice);
  polling.join();
}

TEST_CASE("orders are numbered, so that older deliveries can be told") {
  Mailbox mailbox(1, 1);
  CHECK(mailbox.order({{"t", 0}, 5, -1, true, 0}) == 1);
  CHECK(mailbox.order({{"t", 0}, 7, -1, true, 0}) == 2);
  const auto orders = mailbox.take_orders();
  REQUIRE(orders.size() == 2);
  CHECK(orders[1].sequence == 2);
  CHECK(mailbox.take_orders().empty());
}
