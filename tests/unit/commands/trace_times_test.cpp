#include "operations/commands/trace_times.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;

namespace {

Instant at(int hour) { return *parse_instant("2026-11-28T00:00:00Z") + std::chrono::hours{hour}; }

}  // namespace

TEST_CASE("no latency is below zero: where clocks differ there is none") {
  CHECK(latency(at(1), at(2)) == 3600.0);
  CHECK(latency(at(1), at(1)) == 0.0);
  CHECK_FALSE(latency(at(2), at(1)));
}

TEST_CASE("a mark from before the record bounds nothing: what followed the record came after it") {
  CHECK(bounds_since(at(5), {at(4), at(6)}).after == at(5));
  CHECK(bounds_since(at(5), {at(4), at(6)}).before == at(6));
  CHECK(bounds_since(at(5), {}).after == at(5));
  CHECK_FALSE(bounds_since(at(5), {}).before);
  CHECK(bounds_since(at(3), {at(4), at(6)}).after == at(4));
}

TEST_CASE("where all marks are before the record its clock differs, and the marks are told as they are") {
  CHECK(bounds_since(at(9), {at(4), at(6)}).after == at(4));
  CHECK(bounds_since(at(9), {at(4), at(6)}).before == at(6));
}
