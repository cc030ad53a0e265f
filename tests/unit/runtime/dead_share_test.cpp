#include "common/runtime/dead_share.hpp"

#include <doctest/doctest.h>

using weir::runtime::DeadShare;

TEST_CASE("half of the last thousand records may die for one reason, one more stops the group") {
  DeadShare share;
  for (int i = 0; i < 500; ++i) CHECK_FALSE(share.note("t", "wrong_type"));
  CHECK_FALSE(share.note("t", ""));
  CHECK_FALSE(share.note("other", "wrong_type"));
  CHECK(share.note("t", "wrong_type"));
}

TEST_CASE("deaths for different reasons, or long ago, are not added up") {
  DeadShare share;
  for (int i = 0; i < 400; ++i) CHECK_FALSE(share.note("t", "missing_field"));
  for (int i = 0; i < 400; ++i) CHECK_FALSE(share.note("t", "wrong_type"));
  for (int i = 0; i < 1000; ++i) CHECK_FALSE(share.note("t", ""));
  for (int i = 0; i < 500; ++i) CHECK_FALSE(share.note("t", "missing_field"));
}
