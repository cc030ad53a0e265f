// Many buckets by name, and the bucket of an address.
#include "producers/gateway/rate_table.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using weir::Rate;
using weir::SteadyInstant;

namespace {

const SteadyInstant kStart{std::chrono::hours{1'000}};

}  // namespace

TEST_CASE("buckets are separate by name and bounded; full buckets make room first") {
  gateway::RateTable table(2);
  const Rate one{1, 10s};
  CHECK(table.take("a", one, kStart).allowed);
  CHECK(table.take("b", one, kStart + 8s).allowed);
  CHECK_FALSE(table.take("a", one, kStart + 8s).allowed);
  CHECK(table.take("c", one, kStart + 10s).allowed);  // "a" is full again and goes
  CHECK(table.size() == 2);
  CHECK_FALSE(table.take("b", one, kStart + 10s).allowed);
  CHECK(table.take("d", one, kStart + 10s).allowed);
  CHECK(table.size() == 2);
}

TEST_CASE("an address is an IPv4 address or the /64 of an IPv6 one") {
  CHECK(gateway::address_bucket("192.0.2.1") == "192.0.2.1");
  CHECK(gateway::address_bucket("2001:db8:1:2::1") == gateway::address_bucket("2001:db8:1:2:ffff::9"));
  CHECK(gateway::address_bucket("2001:db8:1:2::1") != gateway::address_bucket("2001:db8:1:3::1"));
  CHECK(gateway::address_bucket("fe80::1%eth0") == gateway::address_bucket("fe80::2"));
}
