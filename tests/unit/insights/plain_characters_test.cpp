#include "consumers/insights/pure/plain_characters.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

TEST_CASE("characters that steer are left out, and all others stay") {
  CHECK(plain_characters("a\u202eb\u200bc\x1b[31md\u2066e\u00adf\ufeffg") == "abc[31mdefg");
  CHECK(plain_characters("line\r\nnext\tcolumn") == "line \nnext column");
  CHECK(plain_characters("Zażółć 中文 🙂") == "Zażółć 中文 🙂");
  CHECK(plain_characters("\xff") == "\ufffd");
  // A byte more than ASCII's last, and the tags with which text can be hidden.
  CHECK(plain_characters("a\u0085b\U000e0041c") == "abc");
}
