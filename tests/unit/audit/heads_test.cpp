// Heads are read from whatever they were written to.
#include "operations/audit/heads.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::audit;

namespace {

Head example() {
  Head head{*Uuid::parse("a0000000-0000-4000-8000-000000000000"), 42, {}};
  head.hash.fill(0xAB);
  return head;
}

}  // namespace

TEST_CASE("a head is a line of JSON, and is read back") {
  const std::string line = line_of(example());
  CHECK(line == R"({"organization":"a0000000-0000-4000-8000-000000000000","number":42,"hash":")" + hex(example().hash) + "\"}");
  const auto head = head_in(line);
  REQUIRE(head.has_value());
  CHECK(head->organization == example().organization);
  CHECK(head->number == 42);
  CHECK(head->hash == example().hash);
}

TEST_CASE("a head is found in the sealer's log, in either form") {
  const std::string json =
      R"({"time":"2026-11-26T00:00:00.000000Z","level":"info","component":"sealer","event":"audit_sealed",)" + line_of(example()).substr(1);
  CHECK(head_in(json)->number == 42);
  const std::string text =
      "2026-11-26T00:00:00.000000Z info    sealer audit_sealed organization=a0000000-0000-4000-8000-000000000000 number=42 hash=" +
      hex(example().hash);
  CHECK(head_in(text)->hash == example().hash);
}

TEST_CASE("a head is found in a change of weir.audit_heads: what it has become, not what it was") {
  const std::string before =
      R"({"organization_id":"b0000000-0000-4000-8000-000000000000","number":1,"hash":")" + std::string(64, '0') + "\"}";
  const std::string after = R"({"organization_id":"a0000000-0000-4000-8000-000000000000","number":42,"hash":")" + hex(example().hash) +
                            R"(","sealed_at":"2026-11-26T00:00:00.000000Z"})";
  for (const std::string& was : {std::string("null"), before}) {
    const auto head = head_in(R"({"before":)" + was + R"(,"after":)" + after + R"(,"source":{"lsn":7},"op":"u"})");
    REQUIRE(head.has_value());
    CHECK(head->organization == example().organization);
    CHECK(head->number == 42);
    CHECK(head->hash == example().hash);
  }
  CHECK_FALSE(head_in(R"({"before":)" + before + R"(,"after":null,"op":"d"})").has_value());
}

TEST_CASE("a line that tells of something else has no head") {
  for (const char* line : {"", "{}", R"({"organization":"a0000000-0000-4000-8000-000000000000"})", R"({"event":"started","number":5})",
                           R"({"organization":"x","number":1,"hash":"y"})", "organization number hash", "organization=\"", "number="}) {
    CHECK_FALSE(head_in(line).has_value());
  }
  std::string none = line_of(example());
  none.replace(none.find("42"), 2, "-4");
  CHECK_FALSE(head_in(none).has_value());
}
