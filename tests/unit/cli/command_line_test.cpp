#include "common/cli/command_line.hpp"

#include "tests/unit/cli/sample.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cli;

namespace {

using Words = std::vector<std::string>;

Result<std::variant<Request, Text>> read(const Program& program, const Words& words) { return read_command_line(program, words); }

std::string fault_of(const Words& words) {
  const Program program = sample::program(std::make_shared<sample::Seen>());
  const auto line = read(program, words);
  REQUIRE_FALSE(line.has_value());
  CHECK(line.error().exit_code() == ExitCode::kUsage);
  return line.error().line();
}

std::string text_of(const Words& words) {
  const Program program = sample::program(std::make_shared<sample::Seen>());
  const auto line = read(program, words);
  REQUIRE(line.has_value());
  return std::get<Text>(*line).text;
}

}  // namespace

TEST_CASE("a component is chosen with its file and flags, which are keys of the configuration") {
  const Program program = sample::program(std::make_shared<sample::Seen>());
  const auto line = read(program, {"cdc", "--config", "a.yaml", "--slot", "s1", "--brokers=b:9092", "--set", "cdc.tables.a.key=x=y"});
  REQUIRE(line.has_value());
  const Request& request = std::get<Request>(*line);
  CHECK(request.component == &program.components[0]);
  CHECK(request.path == "a.yaml");
  CHECK(request.flags == std::map<std::string, std::string>{{"cdc.slot", "s1"}, {"kafka.brokers", "b:9092"}, {"cdc.tables.a.key", "x=y"}});
}

TEST_CASE("a command has options, flags and arguments of its own") {
  const Program program = sample::program(std::make_shared<sample::Seen>());
  const auto line = read(program, {"lag", "--json", "--group", "g", "t1", "t2"});
  REQUIRE(line.has_value());
  const Request& request = std::get<Request>(*line);
  CHECK(request.command == &program.commands[0]);
  CHECK(request.invocation.flag("--json"));
  CHECK(request.invocation.option("--group") == "g");
  CHECK(request.invocation.arguments == Words{"t1", "t2"});
}

TEST_CASE("a component may have modes with arguments, and commands of its own, which are run instead of it") {
  const Program program = sample::program(std::make_shared<sample::Seen>());
  const auto skip = read(program, {"cdc", "skip", "--lsn", "0/1"});
  REQUIRE(skip.has_value());
  CHECK(std::get<Request>(*skip).component == nullptr);
  CHECK(std::get<Request>(*skip).command == &program.commands[3]);
  CHECK(std::get<Request>(*skip).invocation.option("--lsn") == "0/1");
  const auto again = read(program, {"cdc", "resnapshot", "73", "--slot", "s1"});
  REQUIRE(again.has_value());
  CHECK(std::get<Request>(*again).component == &program.components[0]);
  CHECK(std::get<Request>(*again).command == nullptr);
  CHECK(std::get<Request>(*again).invocation.arguments == Words{"resnapshot", "73"});
  CHECK(text_of({"cdc", "--help"}).find("Leave out.") != std::string::npos);
  CHECK(text_of({"cdc", "--help"}).find("resnapshot                  Begin anew.") != std::string::npos);
  CHECK(text_of({"cdc", "resnapshot", "--help"}).find("[SYSTEM]") != std::string::npos);
  CHECK(fault_of({"cdc", "resnapshut"}) == "resnapshut: unknown command (did you mean resnapshot?) (weir cdc --help lists the commands)");
  CHECK(text_of({"cdc", "skip", "--help"}).find("--lsn LSN") != std::string::npos);
}

TEST_CASE("a wrong command line says what is wrong and where help is") {
  CHECK(fault_of({}) == "weir: say which: cdc, lag, migrate, bug (weir --help)");
  CHECK(fault_of({"cdd"}) == "cdd: unknown command (did you mean cdc?) (weir --help lists the commands)");
  CHECK(fault_of({"migrate"}) == "weir migrate: say which: down (weir migrate --help)");
  CHECK(fault_of({"migrate", "dwon"}) == "dwon: unknown command (did you mean down?) (weir migrate --help lists the commands)");
  CHECK(fault_of({"migrate", "down"}) == "--to is required (weir migrate down --help tells how it is used)");
  CHECK(fault_of({"cdc", "--colour"}) == "The following argument was not expected: --colour (weir cdc --help tells how it is used)");
  CHECK(fault_of({"lag", "--group"}) == "--group: 1 required GROUP missing (weir lag --help tells how it is used)");
  CHECK(fault_of({"lag", "--set", "x"}) == "--set: an argument is not KEY=VALUE (weir lag --help tells how it is used)");
}

TEST_CASE("a command's former name is refused with the present one") {
  CHECK(fault_of({"migrate", "revert", "--to", "3"}) == "weir migrate revert is called weir migrate down now (weir migrate down --help)");
}

TEST_CASE("help is everywhere, with examples") {
  CHECK(text_of({"--help"}).find("Exit codes: 0 done, 64 usage") != std::string::npos);
  CHECK(text_of({"help"}) == text_of({"--help"}));
  CHECK(text_of({"cdc", "--help"}).find("Examples:\n  weir cdc --config weir.yaml") != std::string::npos);
  CHECK(text_of({"cdc", "--help"}).find("--slot TEXT") != std::string::npos);
  CHECK(text_of({"lag", "--help"}).find("[TOPIC…]") != std::string::npos);
  CHECK(text_of({"migrate", "--help"}).find("Migrations.") != std::string::npos);
  CHECK(text_of({"help", "migrate", "down"}).find("--to VERSION") != std::string::npos);
  CHECK(text_of({"--version"}) == "weir " WEIR_VERSION "\n");
}
