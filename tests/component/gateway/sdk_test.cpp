// The official Python SDK of CloudEvents (cloudevents_sdk.py) at the gateway: it sends events in every mode, and reads the records.
#include "tests/component/gateway/fixture.hpp"

#include "common/core/json.hpp"
#include "common/testing/python.hpp"

#include <fstream>

using namespace weir;
using namespace weir::testing;

namespace {

/// Gives the output of the script: a line for each fault.
std::string wrong_of(const std::filesystem::path& python, std::vector<std::string> arguments) {
  supervise::Command command;
  command.arguments = {python, source_directory() / "tests/component/gateway/cloudevents_sdk.py"};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.output = scratch() / (arguments.front() + ".out");
  const auto ran = supervise::run(guardian(), command, std::chrono::minutes{1});
  const std::string printed = content(command.output);
  return ran ? printed : ran.error().line() + '\n' + printed;
}

}  // namespace

TEST_CASE("an event that the official SDK sends in any mode is accepted, and the SDK reads the record as the event that it sent") {
  const auto python = testing::python();
  if (!python) {
    MESSAGE("the Python of the tests is not here (./dev deps --python makes it): not run");
    return;
  }
  const RunningGateway gateway;
  CHECK(wrong_of(*python, {"send", "127.0.0.1:" + std::to_string(gateway.log.port()), gateway.key().key}) == "\n");
  const auto path = scratch() / "records.jsonl";
  std::ofstream lines(path);
  for (const auto& record : gateway.records()) {
    std::string line;
    JsonWriter json(line);
    json.begin_object().name("headers").begin_array();
    for (const auto& [name, value] : record.headers) json.begin_array().value(name).value(value).end_array();
    json.end_array().member("key", record.key.value_or("")).member("value", record.value.value_or("")).end_object();
    lines << line << '\n';
  }
  lines.close();
  CHECK(wrong_of(*python, {"read", path}) == "\n");
}
