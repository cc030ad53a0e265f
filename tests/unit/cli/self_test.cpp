// The manual pages and the completions, over a small program: they hold what --help prints.
#include "tests/unit/cli/sample.hpp"

#include "common/cli/command_line.hpp"
#include "common/cli/completion.hpp"
#include "common/cli/manual.hpp"
#include "common/cli/self_commands.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using namespace weir::cli;

namespace {

std::vector<OutlinedCommand> outline() { return outline_of(sample::program(std::make_shared<sample::Seen>())); }

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string help_of(const Program& program, std::vector<std::string> words) {
  words.emplace_back("--help");
  return std::get<Text>(read_command_line(program, words).value()).text;
}

}  // namespace

TEST_CASE("the outline has the program, its components and commands, each followed by those below it") {
  std::vector<std::string> paths;
  for (const OutlinedCommand& command : outline()) paths.push_back(path_of(command));
  CHECK(paths == std::vector<std::string>{"", "cdc", "cdc resnapshot", "cdc skip", "lag", "migrate", "migrate down", "bug"});
}

TEST_CASE("the outline says of each command what its --help says") {
  const Program program = sample::program(std::make_shared<sample::Seen>());
  for (const OutlinedCommand& command : outline()) {
    CAPTURE(path_of(command));
    const std::string help = help_of(program, command.words);
    CHECK(holds(help, command.help));
    CHECK(holds(help, command.footer));
    CHECK(holds(help, command.arguments));
    for (const OutlinedOption& option : command.options) {
      CAPTURE(option.names.back());
      CHECK(holds(help, option.names.back() + (option.placeholder.empty() ? "" : " " + option.placeholder)));
      CHECK(holds(help, option.help));
    }
  }
}

TEST_CASE("a group is told from a component that has commands of its own") {
  for (const OutlinedCommand& command : outline()) CHECK(command.is_group == (command.words.empty() || path_of(command) == "migrate"));
}

TEST_CASE("the page of the program has each command once, and the settings that all take once for all") {
  const std::string page = program_page(outline());
  CHECK(page.starts_with(".TH weir 1 "));
  CHECK(holds(page, ".SS weir cdc skip\nLeave out.\n"));
  CHECK(holds(page, ".SS weir lag [TOPIC…]\n"));
  CHECK(holds(page, "\\fB\\-\\-group\\fR \\fIGROUP\\fR\nGroup.\n"));
  CHECK_FALSE(holds(page, ".SS weir migrate\n"));
  const std::size_t first = page.find("\\fB\\-\\-brokers\\fR");
  CHECK(first != std::string::npos);
  CHECK(page.find("\\fB\\-\\-brokers\\fR", first + 1) == std::string::npos);
  CHECK(page.find("\\fB\\-\\-slot\\fR") != std::string::npos);
}

TEST_CASE("a text that roff would take for a request or an escape is shown as it stands") {
  config::Schema schema;
  schema.add(config::Field{.key = "a.b", .help = ".so \\ it's"});
  CHECK(holds(configuration_page(schema), "\\&.so \\e it\\(aqs\n"));
}

TEST_CASE("the page of the configuration has every key with its default, range and variable, and no secret") {
  config::Schema schema;
  schema.add(config::Field{
      .key = "kafka.tries", .type = config::Type::kInteger, .help = "Tries.", .fallback = "3", .minimum = "1", .maximum = "9"});
  schema.add(config::Field{.key = "postgres.dsn", .help = "Where.", .fallback = "hidden", .secret = true});
  const std::string page = configuration_page(schema);
  CHECK(holds(page, ".SS kafka\n.TP\n\\fBkafka.tries\\fR\nTries.\n(whole number, 1 to 9; 3 by default; WEIR_KAFKA_TRIES)\n"));
  CHECK(holds(page, "secret, also as dsn_file"));
  CHECK_FALSE(holds(page, "hidden"));
}

TEST_CASE("each shell's script knows every command and option") {
  const auto all = outline();
  const std::string bash = bash_completion(all);
  const std::string zsh = zsh_completion(all);
  const std::string fish = fish_completion(all);
  for (const OutlinedCommand& command : all) {
    for (const OutlinedOption& option : command.options) {
      CAPTURE(option.names.back());
      CHECK(holds(bash, option.names.back()));
      CHECK(holds(zsh, option.names.back()));
      CHECK(holds(fish, " -l " + option.names.back().substr(2)));
    }
    if (command.words.empty()) continue;
    CAPTURE(command.words.back());
    CHECK(holds(bash, command.words.back()));
    CHECK(holds(zsh, "'" + command.words.back() + ":"));
    CHECK(holds(fish, "-a '" + command.words.back() + "'"));
  }
}

TEST_CASE("a quote in a help ends no word of a script") {
  OutlinedCommand program{.words = {}, .help = "", .arguments = {}, .options = {{{"--why"}, "TEXT", "It's why.", false}}, .footer = {}};
  CHECK(holds(fish_completion(std::vector{program}), "-d 'It'\\''s why.'"));
  CHECK(holds(zsh_completion(std::vector{program}), "'--why:It'\\''s why.'"));
}

TEST_CASE("weir tells of itself without a configuration, and says which texts there are") {
  Program program = sample::program(std::make_shared<sample::Seen>());
  for (Command& command : self_commands(program)) program.commands.push_back(std::move(command));
  for (const auto& words : std::vector<std::vector<std::string>>{{"completion", "bash"}, {"manual", "weir.yaml"}})
    CHECK(run(program, words) == 0);
  for (const auto& words : std::vector<std::vector<std::string>>{{"completion"}, {"completion", "sh"}, {"manual", "weir", "weir"}}) {
    CHECK(run(program, words) == 64);
  }
  CHECK(holds(program_page(outline_of(program)), ".SS weir manual weir|weir.yaml\n"));
}
