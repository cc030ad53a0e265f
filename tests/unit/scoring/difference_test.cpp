#include "consumers/scoring/pure/difference.hpp"

#include <doctest/doctest.h>

#include <string>
#include <tuple>

using namespace weir::scoring;

namespace {

struct Row {
  int id = 0;
  std::string value;
  friend bool operator==(const Row&, const Row&) = default;
  [[nodiscard]] auto key() const { return std::tie(id); }
};

std::string ids(const std::vector<const Row*>& rows) {
  std::string text;
  for (const Row* row : rows) text += std::to_string(row->id) + row->value;
  return text;
}

}  // namespace

TEST_CASE("rows that differ are written, rows that are not wanted are removed, and the rest is left: in order of their keys") {
  const std::vector<Row> there{{3, "c"}, {1, "a"}, {2, "b"}, {6, "f"}};
  const std::vector<Row> wanted{{5, "e"}, {2, "B"}, {3, "c"}};
  const auto changed = difference<Row>(there, wanted);
  CHECK(ids(changed.write) == "2B5e");
  CHECK(ids(changed.remove) == "1a6f");
  CHECK(!changed.empty());
  REQUIRE(changed.replaced.size() == 2);
  CHECK(changed.replaced[0] == &there[2]);
  CHECK(changed.replaced[1] == nullptr);
  CHECK(changed.compared == 5);
  CHECK(difference<Row>(there, there).empty());
  CHECK(ids(difference<Row>({}, wanted).write) == "2B3c5e");
}
