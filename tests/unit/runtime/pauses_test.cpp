#include "common/runtime/pauses.hpp"

#include <doctest/doctest.h>

using namespace weir::runtime;

namespace {

Pauses of(std::vector<Pause> pauses) {
  Pauses all;
  for (Pause& pause : pauses) all.add(std::move(pause));
  return all;
}

}  // namespace

TEST_CASE("a pause covers its partition, all partitions of its topic, or the whole group") {
  CHECK_FALSE(Pauses{}.cover({"t", 0}));
  CHECK(of({{"t", 1}}).cover({"t", 1}));
  CHECK_FALSE(of({{"t", 1}}).cover({"t", 0}));
  CHECK_FALSE(of({{"t", 1}}).cover({"u", 1}));
  CHECK(of({{"t", -1}}).cover({"t", 7}));
  CHECK_FALSE(of({{"t", -1}}).cover({"u", 7}));
  CHECK(of({{"", -1}}).cover({"u", 7}));
  CHECK(of({{"u", 0}, {"t", 1}}).cover({"t", 1}));
}

TEST_CASE("only a pause without a topic is of the whole group") {
  CHECK(of({{"t", 1}, {"", -1}}).whole_group());
  CHECK_FALSE(of({{"t", -1}}).whole_group());
  CHECK_FALSE(Pauses{}.whole_group());
}
