#include "common/events/message.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

using namespace weir;
using namespace weir::events;

namespace {

std::variant<LogicalMessage, runtime::Ending> read(const std::optional<std::string>& value) {
  runtime::Record record;
  if (value) record.value = *value;
  return read_message(record);
}

std::string refused(const std::optional<std::string>& value) {
  const auto answer = read(value);
  const auto* ending = std::get_if<runtime::Ending>(&answer);
  if (ending == nullptr) return "taken";
  const auto* dead = std::get_if<runtime::Dead>(ending);
  return dead == nullptr ? std::string(std::get<runtime::Skipped>(*ending).reason) : dead->reason + " " + dead->path;
}

const std::string kMessage =
    R"({"op":"m","ts_ms":2,"source":{"ts_ms":1,"schema":"","table":""},"message":{"prefix":"p","content":"eA=="}})";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("the message that stands in the place of a change is read as weir cdc writes it") {
  std::ifstream golden(std::string(std::getenv("WEIR_SOURCE_DIR")) + "/tests/golden/skip/message.jsonl");
  std::string line;
  REQUIRE(std::getline(golden, line));
  const std::string value = line.substr(line.find(R"("value":)") + 8, line.size() - line.find(R"("value":)") - 9);
  for (const std::string& form : {value, R"({"schema":{},"payload":)" + value + "}"}) {
    const auto answer = read(form);
    REQUIRE(std::holds_alternative<LogicalMessage>(answer));
    const auto& message = std::get<LogicalMessage>(answer);
    CHECK(message.prefix == kSkipPrefix);
    CHECK(message.schema == "public");
    CHECK(message.table == "keyed");
    CHECK(message.recorded_at == from_unix_ms(1795224300513));
  }
}

TEST_CASE("a record that is not a message is refused with its path, or skipped") {
  CHECK(refused(kMessage) == "taken");
  CHECK(refused(std::nullopt) == "tombstone");
  CHECK(refused("null") == "tombstone");
  CHECK(refused(R"({"schema":{},"payload":null})") == "tombstone");
  CHECK(refused(R"({"op":)") == "malformed_json ");
  CHECK(refused("[]") == "not_an_envelope ");
  CHECK(refused(R"({"payload":1})") == "not_an_envelope /payload");
  CHECK(refused("{}") == "not_an_envelope ");
  CHECK(refused(replaced(kMessage, R"("m")", R"("c")")) == "unknown_op /op");
  CHECK(refused(R"({"payload":)" + replaced(kMessage, R"("m")", R"("c")") + "}") == "unknown_op /payload/op");
  CHECK(refused(replaced(kMessage, R"("source":{)", R"("sauce":{)")) == "missing_field /source");
  CHECK(refused(replaced(kMessage, R"({"ts_ms":1,)", R"({)")) == "missing_field /source/ts_ms");
  CHECK(refused(replaced(kMessage, R"("message":)", R"("massage":)")) == "missing_field /message");
}
