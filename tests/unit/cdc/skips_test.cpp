#include "producers/cdc/skips.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace weir;
using namespace weir::cdc;

namespace {

const std::string kPosition = R"({"source":"weir.cdc","database":"app","slot":"weir"})";

Skip skip(std::optional<Lsn> lsn, std::uint32_t row = 1) {
  return {"public", "keyed", lsn, row, "7300000000000000001", "its key has 9 MB", "jane"};
}

}  // namespace

TEST_CASE("a skip is found by its table, its place in the log and its row there, and only by all three") {
  Skips skips;
  CHECK(skips.empty());
  skips.add(skip(Lsn{16}, 2));
  CHECK(skips.of_change("public", "keyed", {Lsn{16}, 2}) != nullptr);
  CHECK(skips.of_change("public", "keyed", {Lsn{16}, 1}) == nullptr);
  CHECK(skips.of_change("public", "keyed", {Lsn{17}, 2}) == nullptr);
  CHECK(skips.of_change("public", "other", {Lsn{16}, 2}) == nullptr);
  CHECK(skips.of_change("app", "keyed", {Lsn{16}, 2}) == nullptr);
  CHECK(skips.of_snapshot("public", "keyed") == nullptr);
}

TEST_CASE("a skip of a snapshot holds for its table, and for no change of the stream") {
  Skips skips;
  skips.add(skip(std::nullopt));
  CHECK(skips.of_snapshot("public", "keyed") != nullptr);
  CHECK(skips.of_snapshot("public", "other") == nullptr);
  CHECK(skips.of_change("public", "keyed", {Lsn{0}, 1}) == nullptr);
}

TEST_CASE("a skip is read back from its record, whatever its texts contain") {
  CHECK(skip_key(kPosition, skip(Lsn{0x16B3748})) ==
        R"({"source":"weir.cdc","database":"app","slot":"weir","skip":{"schema":"public","table":"keyed","lsn":"0/16B3748","row":1}})");
  CHECK(skip_value(skip(Lsn{1}), Instant{}) ==
        R"({"system_identifier":"7300000000000000001","why":"its key has 9 MB","by":"jane","chosen_at":"1970-01-01T00:00:00.000000Z"})");
  CHECK(rc::check([](std::uint64_t lsn, std::uint32_t row, bool of_snapshot, const std::string& words) {
    Skip made = skip(of_snapshot ? std::nullopt : std::optional(Lsn{lsn}), row == 0 ? 1 : row);
    // Bytes that are not UTF-8 are replaced here; the command refuses them before.
    for (const char c : words) made.why += static_cast<char>(c & 0x7F);
    made.table = made.why;
    RC_ASSERT(is_skip_key(kPosition, skip_key(kPosition, made)));
    RC_ASSERT(parse_skip(skip_key(kPosition, made), skip_value(made, Instant{})).value() == made);
  }));
}

TEST_CASE("only a key of this stream is a skip's") {
  CHECK_FALSE(is_skip_key(kPosition, kPosition));
  CHECK_FALSE(is_skip_key(R"({"source":"other","database":"app","slot":"weir"})", skip_key(kPosition, skip(Lsn{1}))));
}

TEST_CASE("a record that is not a skip is refused") {
  const std::string key = skip_key(kPosition, skip(Lsn{1}));
  const std::string value = skip_value(skip(Lsn{1}), Instant{});
  CHECK(parse_skip(key, value).has_value());
  for (const auto* broken : {"", "{}", "[]", R"({"skip":{}})", R"({"skip":{"schema":"a","table":"b","lsn":"zero","row":1}})",
                             R"({"skip":{"schema":"a","table":"b","lsn":"0/1","row":0}})"}) {
    CHECK(parse_skip(broken, value).error().kind == FaultKind::kData);
  }
  for (const auto* broken : {"", "{}", "[]", R"({"system_identifier":"1","why":"x"})"}) {
    CHECK(parse_skip(key, broken).error().kind == FaultKind::kData);
  }
}

TEST_CASE("the command that leaves a change out can be pasted into a shell") {
  CHECK(skip_command("public.keyed", {Lsn{0x16B3748}, 1}) == "weir cdc skip --lsn 0/16B3748 --table public.keyed --why TEXT --by NAME");
  CHECK(skip_command("public.it's", {Lsn{1}, 3}) == "weir cdc skip --lsn 0/1 --table 'public.it'\\''s' --row 3 --why TEXT --by NAME");
  CHECK(skip_snapshot_command("public.keyed") == "weir cdc skip --snapshot --table public.keyed --why TEXT --by NAME");
}
