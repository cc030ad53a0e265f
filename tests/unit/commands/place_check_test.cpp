#include "operations/commands/place_check.hpp"

#include "tests/unit/commands/marked_places.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace weir;
using namespace weir::operations;

namespace {

/// A place whose log begins at `log.begin`, read as often as the check asks for it.
struct Scene {
  explicit Scene(std::vector<Mark> marks) : given{std::move(marks)} {}

  void run() {
    const auto page = [this](const MarkedPlace&, const Uuid&, std::int64_t from) -> Result<std::vector<PlacedLetter>> {
      std::vector<PlacedLetter> some;
      for (const PlacedLetter& letter : letters) {
        if (letter.offset >= from && some.size() < 2) some.push_back(letter);
      }
      return some;
    };
    PlaceCheck check(given.reader(), log, page, found);
    for (auto part = check.begin_reading().value(); part; part = check.begin_reading().value()) {
      ++readings;
      for (const std::int64_t offset : records) {
        if (offset >= part->from && offset < part->to) REQUIRE(check.count(offset));
      }
      REQUIRE(check.end_reading());
    }
    CHECK_FALSE(check.is_counting());
  }
  /// "from-to finding in_log" of each that is kept.
  [[nodiscard]] std::string told() const {
    std::string all;
    for (const FoundRange& one : found.kept()) {
      all += fmt::format("{}-{} {} {}; ", one.from.next_offset, one.to.next_offset, name_of(one.finding), one.in_log);
    }
    return all;
  }

  GivenMarks given;
  std::vector<std::int64_t> records;
  std::vector<PlacedLetter> letters;
  std::optional<PresentLog> log = PresentLog{kTopic, 0, 100};
  RangeFindings found{100};
  int readings = 0;
};

std::vector<std::int64_t> from_to(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> offsets;
  for (; from < to; ++from) offsets.push_back(from);
  return offsets;
}

}  // namespace

TEST_CASE("records are counted in the range that holds them, while the log is read once") {
  Scene scene({mark(1, 0, 0), mark(2, 10, 9), mark(3, 20, 19), mark(4, 30, 29)});
  scene.records = from_to(0, 100);
  scene.records.erase(scene.records.begin() + 5);  // a marker of a transaction
  scene.records.erase(scene.records.begin() + 25);
  scene.run();
  CHECK(scene.told() == "0-20 agrees 19; 20-30 doubled 9; ");
  CHECK(scene.readings == 1);
}

TEST_CASE("ranges that the log no longer holds are passed over, and are not read") {
  Scene scene({mark(1, 0, 0), mark(2, 10, 10), mark(3, 20, 20), mark(4, 30, 30)});
  scene.log->begin = 12;
  scene.records = from_to(12, 100);
  scene.run();
  CHECK(scene.told() == "0-20 gone 0; 20-30 agrees 10; ");
  scene.log.reset();
  scene.found = RangeFindings(100);
  scene.readings = 0;
  scene.run();
  CHECK(scene.told() == "0-30 gone 0; ");
  CHECK(scene.readings == 0);
}

TEST_CASE("a range in which nothing ended needs no log; a count that moved without the position differs") {
  Scene scene({mark(1, 10, 10), mark(2, 10, 10), mark(3, 10, 11)});
  scene.run();
  CHECK(scene.told() == "10-10 agrees 0; 10-10 doubled 0; ");
  CHECK(scene.readings == 0);
}

TEST_CASE("a position that was set back is read again, and counted twice by right") {
  Scene scene({mark(1, 0, 0), mark(2, 10, 10), mark(3, 20, 20), mark(5, 5, 20), mark(6, 15, 30), mark(7, 25, 39)});
  scene.given.moved = {{"g", "t", 0, at(4)}};
  scene.records = from_to(0, 100);
  scene.letters = {{1, 7}, {2, 12}};
  scene.run();
  CHECK(scene.told() == "0-20 agrees 20; 20-5 moved 0; 5-15 agrees 10; 15-25 missing 10; ");
  CHECK(scene.readings == 2);
  CHECK(scene.found.letters().empty());
}

TEST_CASE("a letter whose record the log does not have is found, in ranges that are read and in no others") {
  Scene scene({mark(1, 0, 0), mark(2, 10, 10), mark(3, 20, 19), mark(4, 30, 28)});
  scene.log->begin = 10;
  scene.records = from_to(10, 100);
  for (const std::int64_t missing : {29, 12}) std::erase(scene.records, missing);
  scene.letters = {{1, 3}, {2, 11}, {3, 12}, {4, 13}, {5, 29}, {6, 31}};
  scene.run();
  CHECK(scene.told() == "0-10 gone 0; 10-30 agrees 18; ");
  REQUIRE(scene.found.letters().size() == 2);
  CHECK(scene.found.letters().begin()->what == "letter 3 is of offset 12, where the log has no record");
  CHECK(scene.found.letters().rbegin()->what == "letter 5 is of offset 29, where the log has no record");
}
