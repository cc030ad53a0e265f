// A hash that is stored must be the same for ever.
#include "common/core/hash.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("a hash is that of XXH3, as other programs compute it") {
  CHECK(stable_hash("") == 0x2D06800538D394C2ULL);
  CHECK(stable_hash("weir") == 0x09831DC741817118ULL);
}

TEST_CASE("a seed gives another hash, so that hashes can be chained") {
  CHECK(stable_hash("b", stable_hash("a")) != stable_hash("b"));
  CHECK(stable_hash("b", stable_hash("a")) != stable_hash("a", stable_hash("b")));
}
