#include "tests/unit/cli/sample.hpp"

#include "common/cli/program.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cli;

namespace {

int run_words(const std::shared_ptr<sample::Seen>& seen, std::vector<std::string> words) { return run(sample::program(seen), words); }

}  // namespace

TEST_CASE("what was asked for is run with its configuration") {
  const auto seen = std::make_shared<sample::Seen>();
  CHECK(run_words(seen, {"cdc", "--dsn", "host=a", "--slot", "s1", "--ops-listen", "127.0.0.1:0", "--log-level", "error"}) == 0);
  CHECK(run_words(seen, {"lag", "--json", "t1"}) == 0);
  CHECK(seen->runs == std::vector<std::string>{"cdc s1", "lag - json t1"});
}

TEST_CASE("the exit code tells who can mend it") {
  const auto seen = std::make_shared<sample::Seen>();
  CHECK(run_words(seen, {"statsu"}) == 64);
  CHECK(run_words(seen, {"cdc"}) == 78);  // postgres.dsn is required
  CHECK(run_words(seen, {"lag", "--config", "/nowhere/weir.yaml"}) == 78);
  CHECK(run_words(seen, {"lag", "--set", "log.format=xml"}) == 78);
  CHECK(run_words(seen, {"cdc", "--dsn", "host=a", "--ops-listen", "nowhere"}) == 78);
  CHECK(run_words(seen, {"migrate", "down", "--to", "1"}) == 77);
  CHECK(run_words(seen, {"bug"}) == 70);
  CHECK(run_words(seen, {"--help"}) == 0);
  CHECK(seen->runs.empty());
}

TEST_CASE("an empty value is refused, as that of a shell's variable which is not set, and so are bytes that are no text") {
  const auto seen = std::make_shared<sample::Seen>();
  CHECK(run_words(seen, {"lag", "--group", ""}) == 64);
  CHECK(run_words(seen, {"lag", "--group="}) == 64);
  CHECK(run_words(seen, {"lag", ""}) == 64);
  CHECK(run_words(seen, {"lag", "--group", "g\xff"}) == 64);
  CHECK(run_words(seen, {"lag", "\xff"}) == 64);
  CHECK(seen->runs.empty());
  CHECK(run_words(seen, {"lag", "--path", "", "--file", "\xff"}) == 0);
  CHECK(seen->runs == std::vector<std::string>{"lag -"});
}

TEST_CASE("the schema holds the rows of every component, so that one file serves all of them") {
  const config::Schema schema = schema_of(sample::program(std::make_shared<sample::Seen>()));
  CHECK(schema.find("cdc.slot") != nullptr);
  CHECK(schema.find("kafka.brokers") != nullptr);
}
