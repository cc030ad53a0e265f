// Wrong configuration as the user sees it: every kind with its text, all of them at once, exit code 78.
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace weir;
using testing::run_weir;

namespace {

std::string file(const std::string& text) {
  const auto path = testing::scratch() / "wrong.yaml";
  std::ofstream(path) << text;
  return path.string();
}

}  // namespace

TEST_CASE("all faults of a file, the environment and flags are shown at once, a line each") {
  const std::string path = file(
      "kafka:\n"
      "  brokrs: a:9092\n"
      "postgres:\n"
      "  lock_timeout: 1ms\n"
      "  dsn_file: /nowhere/dsn\n"
      "log: {format: xml}\n"
      "startup_timeout: 60\n");
  const auto said =
      run_weir({"status", "--config", path, "--log-level", "loud"}, {{"WEIR_DRAIN_TIMEOUT", "2h"}, {"WEIR_KAFAK_BROKERS", "a"}});
  CHECK(said.exit_code == 78);
  CHECK(said.out.empty());
  CHECK(said.err == "weir status: the configuration has 8 faults:\n  " + path +
                        ":2:3: kafka.brokrs: unknown key (did you mean brokers?)\n  " + path +
                        ":4:17: postgres.lock_timeout: 1ms is out of the range 100ms to 10m\n  " + path +
                        ":6:15: log.format: 'xml' is not one of json, text\n  " + path +
                        ":7:18: startup_timeout: '60' is not a duration (a whole number and a unit: 250ms, 5s, 2m, 24h or 30d)\n  " + path +
                        ":5:13: postgres.dsn_file: /nowhere/dsn: cannot be read: No such file or directory\n"
                        "  WEIR_DRAIN_TIMEOUT: drain_timeout: 2h is out of the range 1s to 10m\n"
                        "  WEIR_KAFAK_BROKERS: unknown variable (did you mean WEIR_KAFKA_BROKERS?)\n"
                        "  --log-level: log.level: 'loud' is not one of debug, info, warning, error\n");
}

TEST_CASE("one fault is one line") {
  CHECK(run_weir({"status"}).err ==
        "weir status: postgres.dsn: has no value, and this command needs it: set it in weir.yaml, or by WEIR_POSTGRES_DSN, "
        "WEIR_POSTGRES_DSN_FILE or --dsn\n");
  CHECK(run_weir({"status", "--config", "/nowhere/weir.yaml"}).err ==
        "weir status: /nowhere/weir.yaml: cannot be read: No such file or directory\n");
  const std::string path = file("kafka: [a\n");
  CHECK(run_weir({"status", "--config", path}).err == "weir status: " + path + ":2:1: is not YAML: end of sequence flow not found\n");
}

TEST_CASE("the effective configuration shows origins and hides secrets") {
  const auto said = run_weir({"config", "--brokers", "a:1"}, {{"WEIR_POSTGRES_DSN", "host=db password=hidden"}});
  CHECK(said.exit_code == 0);
  CHECK(said.out.find("  brokers: \"a:1\"  # --brokers\n") != std::string::npos);
  CHECK(said.out.find("  dsn: \"***\"  # WEIR_POSTGRES_DSN\n") != std::string::npos);
  CHECK(said.out.find("hidden") == std::string::npos);
}

TEST_CASE("the reference is printed also where the configuration is wrong, and is the one in docs") {
  const auto said = run_weir({"config", "--reference", "--set", "log.format=xml"});
  CHECK(said.exit_code == 0);
  const std::string page = testing::text_of(testing::source_directory() / "docs" / "configuration.md");
  const std::string open = "```yaml\n";
  const std::size_t begin = page.find(open);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = page.find("```", begin + open.size());
  REQUIRE(end != std::string::npos);
  CHECK_MESSAGE(page.substr(begin + open.size(), end - begin - open.size()) == said.out,
                "docs/configuration.md is not what weir config --reference prints: put its output between the fences");
}
