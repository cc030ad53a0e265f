// How each component starts where a service is away: one clear line, tried again for startup_timeout, then exit code 69.
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

using namespace weir;
using testing::run_weir;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// What weir itself says, below what it logs.
std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n') + 1;
  const std::size_t begin = text.rfind('\n', end - 1);
  return text.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1));
}

std::vector<std::string> words(const std::string& component, const std::string& startup_timeout = "1s") {
  return {component, "--startup-timeout", startup_timeout, "--log-format", "text", "--ops-listen", "127.0.0.1:0"};
}

const std::vector<std::string> kComponents{"cdc", "gateway", "rollups"};

}  // namespace

TEST_CASE("Postgres away at the start: told once, tried again for startup_timeout, then 69") {
  for (const std::string& component : kComponents) {
    CAPTURE(component);
    const auto said = run_weir(words(component), {{"WEIR_POSTGRES_DSN", "host=127.0.0.1 port=1"},
                                                  {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                                                  {"WEIR_HTTP_LISTEN", "127.0.0.1:0"},
                                                  {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"}});
    CHECK(said.exit_code == 69);
    CHECK(said.out.empty());
    CAPTURE(said.err);
    CHECK(last_line(said.err).starts_with("weir " + component + ": "));
    CHECK(has(last_line(said.err), "connection to server at \"127.0.0.1\", port 1 failed: Connection refused"));
  }
}

TEST_CASE("Kafka away at the start: told once, tried again for startup_timeout, then 69") {
  const std::string dsn = testing::fresh_database();
  REQUIRE(run_weir({"migrate", "up"}, {{"WEIR_POSTGRES_DSN", dsn}}).exit_code == 0);
  for (const std::string& component : kComponents) {
    CAPTURE(component);
    const auto said = run_weir(words(component, "3s"), {{"WEIR_POSTGRES_DSN", dsn},
                                                        {"WEIR_KAFKA_BROKERS", "127.0.0.1:1"},
                                                        {"WEIR_CDC_TABLES", "public.users"},
                                                        {"WEIR_HTTP_LISTEN", "127.0.0.1:0"},
                                                        {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"}});
    CHECK(said.exit_code == 69);
    CAPTURE(said.err);
    CHECK(last_line(said.err).starts_with("weir " + component + ": "));
    CHECK(has(said.err, "waiting_for_service service=Kafka reason=\"Kafka at 127.0.0.1:1: "));
    CHECK(has(last_line(said.err), ": Kafka is away: Kafka at 127.0.0.1:1: "));
    CHECK(has(last_line(said.err), "gave up after startup_timeout, 3s"));
  }
}

TEST_CASE("a database that lacks its tables ends a component with the command that makes them") {
  const std::string dsn = testing::fresh_database();
  for (const std::string component : {"gateway", "rollups"}) {
    CAPTURE(component);
    const auto said = run_weir(words(component), {{"WEIR_POSTGRES_DSN", dsn},
                                                  {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                                                  {"WEIR_HTTP_LISTEN", "127.0.0.1:0"},
                                                  {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"}});
    CAPTURE(said.err);
    CHECK(said.exit_code == 78);
    CHECK(has(last_line(said.err), "weir migrate up"));
  }
}
