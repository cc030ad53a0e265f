#include "common/cli/table.hpp"

#include <doctest/doctest.h>

using namespace weir::cli;

TEST_CASE("a person reads columns, a program reads JSON, of the same rows") {
  Table table({"topic", "lag", "seconds", "held"});
  table.add({std::string("weir.actions.v1"), std::int64_t{5}, 1.25, false});
  table.add({std::string("é\n\"x\""), std::int64_t{12'000}, Cell(), true});
  CHECK(table.text() ==
        "topic              lag  seconds  held\n"
        "weir.actions.v1      5      1.2  no\n"
        "é \"x\"            12000        -  yes\n");
  CHECK(table.json() ==
        "[{\"topic\":\"weir.actions.v1\",\"lag\":5,\"seconds\":1.25,\"held\":false},"
        "{\"topic\":\"é\\n\\\"x\\\"\",\"lag\":12000,\"seconds\":null,\"held\":true}]");
}

TEST_CASE("a table without rows is its head, or an empty array") {
  const Table table({"topic", "lag"});
  CHECK(table.empty());
  CHECK(table.text() == "topic  lag\n");
  CHECK(table.json() == "[]");
}

TEST_CASE("a text without a character is none, for a person and for a program") {
  Table table({"path", "lag"});
  table.add({std::string(), std::int64_t{0}});
  CHECK(table.text() == "path  lag\n-       0\n");
  CHECK(table.json() == R"([{"path":null,"lag":0}])");
}
