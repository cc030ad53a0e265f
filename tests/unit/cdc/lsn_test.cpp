// Postgres' text of a place in its log.
#include "producers/cdc/lsn.hpp"

#include <doctest/doctest.h>

using namespace weir::cdc;

TEST_CASE("a place in the log is read and written in Postgres' form") {
  CHECK(Lsn{}.text() == "0/0");
  CHECK(Lsn{0x1'00A7B3C8}.text() == "1/A7B3C8");
  CHECK(Lsn::parse("1/A7B3C8") == Lsn{0x1'00A7B3C8});
  CHECK(Lsn::parse("ffffffff/FFFFFFFF") == Lsn{UINT64_MAX});
  CHECK(Lsn::parse("0/10") > Lsn::parse("0/F"));
}

TEST_CASE("a text that is not a place in the log is refused") {
  for (const char* text : {"", "/", "1", "1/", "/1", "1/G", "100000000/0", "1/2/3", " 1/2", "-1/2"}) {
    CAPTURE(text);
    CHECK_FALSE(Lsn::parse(text).has_value());
  }
}
