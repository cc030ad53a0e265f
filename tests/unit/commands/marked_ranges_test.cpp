#include "tests/unit/commands/marked_places.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;

namespace {

std::vector<MarkedRange> all_of(RangeReader reader) {
  std::vector<MarkedRange> ranges;
  while (const auto range = reader.next().value()) ranges.push_back(*range);
  CHECK_FALSE(reader.next().value());
  return ranges;
}

MarkedRange range(const Mark& from, const Mark& to) { return {from, to}; }

}  // namespace

TEST_CASE("a range goes from a mark to the next, over the end of a page too, and from the last mark to the present") {
  GivenMarks given{{mark(1, 0, 0), mark(2, 5, 5), mark(3, 9, 8), mark(4, 9, 8), mark(5, 12, 11)}};
  const auto ranges = all_of(given.reader(mark(6, 20, 18)));
  REQUIRE(ranges.size() == 5);
  CHECK(ranges[0].counted() == 5);
  CHECK(ranges[1].from == mark(2, 5, 5));
  CHECK(ranges[1].to == mark(3, 9, 8));
  CHECK(ranges[1].counted() == 3);
  CHECK(ranges[4].to == mark(6, 20, 18));
  CHECK(given.most == 2);
  CHECK(all_of(given.reader()).size() == 4);
  GivenMarks single{{mark(1, 0, 0)}};
  CHECK(all_of(single.reader()).empty());
  CHECK(all_of(single.reader(mark(2, 5, 5))).size() == 1);
}

TEST_CASE("the range in which a position was moved is known as such") {
  GivenMarks given{{mark(1, 0, 0), mark(3, 5, 5), mark(5, 9, 9)}};
  given.moved = {{"g", "t", 0, at(2)}};
  const auto ranges = all_of(given.reader());
  CHECK(ranges[0].moved);
  CHECK_FALSE(ranges[1].moved);
}

TEST_CASE("a fault of a page is the reader's") {
  const AskedMarks asked{kPlace, at(1), at(2), std::nullopt, std::nullopt};
  const std::vector<Moved> moved;
  RangeReader reader(asked, moved, [](const AskedMarks&, Instant) { return fail(FaultKind::kPgConnection, "gone"); });
  CHECK_FALSE(reader.next());
}

TEST_CASE("neighbours of which the same was found are told together; each that differs stands alone") {
  RangeFindings found(100);
  found.add(kPlace, range(mark(1, 0, 0), mark(2, 5, 5)), Comparison::kGone, 0);
  found.add(kPlace, range(mark(2, 5, 5), mark(3, 9, 9)), Comparison::kGone, 0);
  found.add(kPlace, range(mark(3, 9, 9), mark(4, 12, 12)), Comparison::kAgrees, 3);
  found.add(kPlace, range(mark(4, 12, 12), mark(5, 14, 14)), Comparison::kAgrees, 2);
  found.add(kPlace, range(mark(5, 14, 14), mark(6, 16, 15)), Comparison::kMissing, 2);
  found.add(kPlace, range(mark(6, 16, 15), mark(7, 18, 16)), Comparison::kMissing, 2);
  const auto kept = found.kept();
  REQUIRE(kept.size() == 4);
  CHECK(kept[0].ranges == 2);
  CHECK(kept[0].to == mark(3, 9, 9));
  CHECK(kept[1].in_log == 5);
  CHECK(kept[1].counted() == 5);
  CHECK(kept[2].ranges == 1);
  CHECK(kept[3].finding == Comparison::kMissing);
  const RangeFindings::Sum& sum = found.sums().at({"g", "t"});
  CHECK(sum.ranges.at(Comparison::kGone) == 2);
  CHECK(sum.ranges.at(Comparison::kAgrees) == 2);
  CHECK(sum.records == 9);
  CHECK(sum.gone_until == at(3));
  CHECK(found.differing() == 2);
}

TEST_CASE("no more findings are kept than may be, and all are counted") {
  RangeFindings found(3);
  for (int i = 1; i <= 5; ++i) found.add(kPlace, range(mark(i, i, i), mark(i + 1, i + 1, i + 2)), Comparison::kDoubled, 1);
  found.add_letter({kPlace, "letter 1"});
  CHECK(found.kept().size() == 3);
  CHECK(found.letters().empty());
  CHECK(found.differing() == 6);
  CHECK(found.left_off() == 3);
  CHECK(found.sums().at({"g", "t"}).ranges.at(Comparison::kDoubled) == 5);
}

TEST_CASE("a letter that is found twice differs once") {
  RangeFindings found(3);
  found.add_letter({kPlace, "letter 1"});
  found.add_letter({kPlace, "letter 1"});
  CHECK(found.letters().size() == 1);
  CHECK(found.differing() == 1);
}
