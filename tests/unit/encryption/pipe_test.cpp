// A command as a filter.
#include "common/encryption/pipe.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::encryption;

TEST_CASE("a command reads its input and answers") {
  CHECK(run_filter("tr a-z A-Z", "hello").value() == "HELLO");
  CHECK(run_filter("true", "").value().empty());
}

TEST_CASE("a command need not read its input") {
  for (int i = 0; i < 50; ++i) CHECK(run_filter("exec echo done", std::string(65'536, 'x')).value() == "done\n");
}

TEST_CASE("a command that fails, is killed or is not there says so") {
  CHECK(run_filter("cat >/dev/null; exit 3", "x").error().message == "it ended with exit code 3");
  CHECK(run_filter("cat >/dev/null; kill -9 $$", "x").error().message == "it was killed");
  CHECK(run_filter("/nowhere/at/all 2>/dev/null", "").error().message == "it ended with exit code 127");
}

TEST_CASE("of an endless answer so much is read as fits") {
  const auto answer = run_filter("cat >/dev/null; yes", "x");
  CHECK_FALSE(answer.has_value());
}
