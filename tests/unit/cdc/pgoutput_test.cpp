#include "producers/cdc/pgoutput.hpp"

#include "tests/unit/cdc/pgoutput_bytes.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace weir;
using namespace weir::cdc;
namespace bytes = weir::cdc::testing;

namespace {

template <class T>
T decoded(const std::string& text) {
  auto message = pgoutput::decode(text);
  REQUIRE(message.has_value());
  REQUIRE(std::holds_alternative<T>(*message));
  return std::get<T>(*message);
}

std::vector<std::string> samples() {
  std::string origin = "O";
  bytes::put(origin, 99, 8);
  bytes::put(origin, std::string_view("elsewhere"));
  std::string type = "Y";
  bytes::put(type, 16'500, 4);
  bytes::put(type, std::string_view("public"));
  bytes::put(type, std::string_view("mood"));
  return {bytes::begin(5),
          bytes::commit(5, 6),
          origin,
          type,
          bytes::relation(1, "public", "t", {{"id", 20, true}, {"v", 25}}),
          bytes::insert(1, {"1", std::nullopt}),
          bytes::update(1, 'N', {}, {"1", bytes::kUnchangedMark}),
          bytes::update(1, 'K', {"1", std::nullopt}, {"2", "x"}),
          bytes::update(1, 'O', {"1", "w"}, {"1", "x"}),
          bytes::erase(1, 'K', {"1", std::nullopt}),
          bytes::truncate({1, 2}),
          bytes::logical(true, 8, "weir.context", "{}")};
}

}  // namespace

TEST_CASE("each message is read as the grammar says") {
  const auto begin = decoded<pgoutput::Begin>(bytes::begin(0x1'0000'0005, 42));
  CHECK(begin.final_lsn.text() == "1/5");
  CHECK(begin.xid == 42);
  CHECK(format_instant(begin.committed_at) == "2000-01-01T00:00:01.000000Z");
  const auto commit = decoded<pgoutput::Commit>(bytes::commit(5, 6));
  CHECK(commit.commit_lsn.value == 5);
  CHECK(commit.end_lsn.value == 6);
  const auto message = bytes::relation(1, "public", "t", {{"id", 20, true}, {"v", 25}});
  const auto relation = decoded<pgoutput::Relation>(message);
  CHECK(relation.schema == "public");
  REQUIRE(relation.columns.size() == 2);
  CHECK(relation.columns[0].identity);
  CHECK(relation.columns[1].name == "v");
  CHECK(relation.columns[1].modifier == -1);
  const auto text = bytes::update(1, 'O', {"1", "w"}, {"1", bytes::kUnchangedMark});
  const auto update = decoded<pgoutput::Update>(text);
  CHECK(update.old_kind == pgoutput::Old::kWhole);
  CHECK(update.old_row[1].text == "w");
  CHECK(update.row[1].kind == pgoutput::Cell::Kind::kUnchanged);
  const auto logical_text = bytes::logical(false, 8, "p", "content");
  const auto logical = decoded<pgoutput::Logical>(logical_text);
  CHECK_FALSE(logical.transactional);
  CHECK(logical.content == "content");
  CHECK(decoded<pgoutput::Truncate>(bytes::truncate({1, 2})).relations == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("every message cut short is refused, and so is one with a byte too many") {
  for (const std::string& sample : samples()) {
    for (std::size_t size = 0; size < sample.size(); ++size) CHECK_FALSE(pgoutput::decode(sample.substr(0, size)).has_value());
    CHECK(pgoutput::decode(sample).has_value());
    CHECK_FALSE(pgoutput::decode(sample + '\0').has_value());
  }
}

TEST_CASE("a flipped byte is read or refused, never read past the end") {
  for (const std::string& sample : samples()) {
    for (std::size_t at = 0; at < sample.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string damaged = sample;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
        const auto message = pgoutput::decode(damaged);
        if (!message) CHECK(message.error().kind == FaultKind::kData);
      }
    }
  }
}

TEST_CASE("any bytes are read or refused") {
  CHECK(rc::check([](const std::string& rest) {
    const char kind = *rc::gen::element('B', 'C', 'O', 'R', 'Y', 'I', 'U', 'D', 'T', 'M', 'x');
    const auto message = pgoutput::decode(std::string(1, kind) + rest);
    RC_ASSERT(message.has_value() || message.error().kind == FaultKind::kData);
  }));
}

TEST_CASE("a refusal says which message and where") {
  const auto sample = bytes::insert(1, {"1"});
  const auto refused = pgoutput::decode(sample.substr(0, 9));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().line() ==
        "pgoutput message 'I' of 9 bytes does not fit its grammar at byte 9 (weir speaks pgoutput protocol 1; is the slot's plugin "
        "pgoutput?)");
  CHECK(pgoutput::decode("").error().message == "an empty pgoutput message");
  CHECK(pgoutput::decode("S").error().message == "unknown pgoutput message 0x53");
}
