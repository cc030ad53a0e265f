#include "common/runtime/source_position.hpp"

#include <doctest/doctest.h>

using namespace weir;
using runtime::ChangePosition;
using runtime::SourcePositions;
using Verdict = SourcePositions::Verdict;

namespace {

ChangePosition at(std::optional<std::uint64_t> commit, std::uint64_t lsn, std::uint64_t hash = 1, char op = 'c', std::int64_t ts_ms = 0) {
  return {"weir.cdc", "app", commit, lsn, op, hash, 0, from_unix_ms(ts_ms)};
}

}  // namespace

TEST_CASE("a change is new above the position, re-sent below it") {
  SourcePositions positions;
  CHECK(positions.judge(at(10, 20)) == Verdict::kNew);
  positions.advance(at(10, 20));
  CHECK(positions.judge(at(10, 21)) == Verdict::kNew);
  CHECK(positions.judge(at(11, 15)) == Verdict::kNew);  // a later transaction whose change was written earlier
  CHECK(positions.judge(at(10, 19)) == Verdict::kReSent);
  CHECK(positions.judge(at(9, 30)) == Verdict::kReSent);
}

TEST_CASE("at exactly the position the content decides: the rows of one COPY share it") {
  SourcePositions positions;
  positions.advance(at(10, 20, 1));
  CHECK(positions.judge(at(10, 20, 1)) == Verdict::kReSent);
  CHECK(positions.judge(at(10, 20, 2)) == Verdict::kNew);
  positions.advance(at(10, 20, 2));
  CHECK(positions.judge(at(10, 20, 1)) == Verdict::kReSent);
  positions.advance(at(10, 21, 3));
  CHECK(positions.judge(at(10, 20, 2)) == Verdict::kReSent);
}

TEST_CASE("a connector's first transaction has no commit before it: its changes compare by their own LSN") {
  SourcePositions positions;
  positions.advance(at(std::nullopt, 20));
  CHECK(positions.judge(at(std::nullopt, 19)) == Verdict::kReSent);
  CHECK(positions.judge(at(25, 30)) == Verdict::kNew);
  positions.advance(at(25, 30));
  CHECK(positions.judge(at(std::nullopt, 20)) == Verdict::kReSent);
}

TEST_CASE("the form of a source's keys must be known, except for snapshot rows and records without a key") {
  SourcePositions positions;
  ChangePosition change = at(10, 20);
  CHECK(positions.knows_form(change));  // without a key
  change.key_form = runtime::KeyForm::kBare;
  positions.advance(change);
  CHECK_FALSE(positions.knows_form(change));
  positions.know_form({"weir.cdc", "app", runtime::KeyForm::kBare});
  CHECK(positions.knows_form(change));
  CHECK(positions.judge(change) == Verdict::kReSent);  // its place stays
  change.key_form = runtime::KeyForm::kWrapped;
  CHECK_FALSE(positions.knows_form(change));
  change.op = 'r';
  CHECK(positions.knows_form(change));
  CHECK(positions.form_of({"weir.cdc", "other", {}}) == std::nullopt);
}

TEST_CASE("snapshot rows are never dropped and move no position") {
  SourcePositions positions;
  positions.advance(at(10, 20));
  CHECK(positions.judge(at(std::nullopt, 5, 1, 'r')) == Verdict::kNew);
  positions.advance(at(std::nullopt, 99, 1, 'r'));
  CHECK(positions.judge(at(10, 21)) == Verdict::kNew);
}

TEST_CASE("a lower position that is over a minute newer means that the source was rebuilt") {
  SourcePositions positions;
  positions.advance(at(10, 20, 1, 'c', 1'000));
  CHECK(positions.judge(at(10, 19, 1, 'c', 61'000)) == Verdict::kReSent);
  CHECK(positions.judge(at(10, 19, 1, 'c', 61'001)) == Verdict::kRebuilt);
}

TEST_CASE("each source database has its own position, and all positions are read back from their stored form") {
  SourcePositions positions;
  positions.advance(at(18'446'744'073'709'551'615U, 20, 18'446'744'073'709'551'614U, 'c', 1'795'224'295'684));
  ChangePosition other = at(std::nullopt, 3, 7);
  other.source_db = "quo\"te\\";
  positions.advance(other);
  CHECK(positions.judge(other) == Verdict::kReSent);
  positions.know_form({"weir.cdc", "app", runtime::KeyForm::kWrapped});
  const auto read = SourcePositions::parse(positions.to_json());
  REQUIRE(read);
  CHECK(*read == positions);
  CHECK_FALSE(SourcePositions::parse("[{}]"));
  CHECK(SourcePositions::parse("[]").value() == SourcePositions{});
  // The stored form from before forms of keys were kept.
  CHECK(SourcePositions::parse(R"([{"name":"n","db":"d","commit":null,"lsn":"3","ts_ms":0,"hashes":["7"]}])"));
}
