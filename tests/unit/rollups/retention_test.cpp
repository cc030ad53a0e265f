// From when on windows are kept.
#include "consumers/rollups/pure/retention.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

namespace {

Instant at(const char* text) { return *parse_instant(text); }

}  // namespace

TEST_CASE("windows are kept for the retention and up to the begin of that day") {
  const Instant now = at("2026-11-18T12:00:00Z");
  CHECK(kept_from(now, now, std::chrono::days{30}) == at("2026-10-19T00:00:00Z"));
  CHECK(kept_from(now, now, std::chrono::hours{12}) == at("2026-11-18T00:00:00Z"));
  CHECK(kept_from(now, now, std::chrono::hours{13}) == at("2026-11-17T00:00:00Z"));
}

TEST_CASE("neither a group that is behind nor a clock that is ahead loses windows") {
  const Instant now = at("2026-11-18T12:00:00Z");
  const Instant earlier = at("2026-11-01T00:00:00Z");
  CHECK(kept_from(earlier, now, std::chrono::days{30}) == at("2026-10-02T00:00:00Z"));
  CHECK(kept_from(now, earlier, std::chrono::days{30}) == at("2026-10-02T00:00:00Z"));
}
