#include "common/postgres/storable.hpp"

#include <doctest/doctest.h>

using weir::postgres::is_storable;
using weir::postgres::storable;

TEST_CASE("Postgres stores UTF-8 without a zero byte, and every byte that it refuses becomes a question mark") {
  struct Case {
    std::string_view text;
    std::string_view stored;
  };
  for (const Case& one : {Case{"", ""}, Case{"Ä é 漢 🙂\n", "Ä é 漢 🙂\n"}, Case{{"a\0b", 3}, "a?b"}, Case{"\xff", "?"},
                          Case{"a\xc3", "a?"}, Case{"\xc3\x28", "?("}, Case{"\xed\xa0\x80", "???"}}) {
    CHECK(storable(one.text) == one.stored);
    CHECK(is_storable(one.text) == (one.text == one.stored));
    CHECK(is_storable(storable(one.text)));
  }
}
