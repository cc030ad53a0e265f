#include "tests/e2e/documents/script.hpp"

#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

namespace weir::testing {
namespace {

std::string shell_word(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string exports(const std::map<std::string, std::string>& variables) {
  std::string out;
  for (const auto& [name, value] : variables) out += fmt::format("export {}=\"{}\"\n", name, value);
  return out;
}

}  // namespace

Script::Script(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::filesystem::create_directories(directory());
  std::filesystem::create_directories(logs());
  std::filesystem::create_directories(folder_ / "examples");
  std::filesystem::create_directory_symlink(source_directory() / "deploy", directory() / "deploy");
  text_ = fmt::format("weir_folder={}\ncd {}\n. {}\n", shell_word(folder_), shell_word(directory()),
                      shell_word(source_directory() / "tests/e2e/documents/prelude.sh"));
}

void Script::begin(const std::string& place) { text_ += fmt::format("\nweir_at={0}\nprintf '== %s\\n' {0}\n", shell_word(place)); }

void Script::step(const std::string& name, const std::string& commands) {
  begin(name);
  text_ += commands + '\n';
}

void Script::page(const Page& page) {
  const std::string text = content(source_directory() / page.path);
  const auto found = examples(text);
  REQUIRE_MESSAGE(found.has_value(), page.path, ": ", (found ? "" : found.error().line()));
  for (const auto& [name, value] : page.variables) {
    CHECK_MESSAGE(text.find('`' + name + '`') != std::string::npos, page.path, " does not tell its reader of the variable ", name);
  }
  text_ += page.keeps_shell ? "\n" : "\n(\nweir_pids=() weir_names=()\ntrap weir_gone EXIT\n";
  if (!page.is_operators) text_ += "unset ${!WEIR_@}\n";
  text_ += exports(page.environment) + exports(page.variables);
  std::string section = "none";
  for (const Example& example : *found) {
    const auto before = page.before.find(example.section);
    if (example.section != section && before != page.before.end()) step(page.path + ", before " + example.section, before->second);
    section = example.section;
    add(page, example, fmt::format("{}:{}", page.path, example.line));
  }
  text_ += page.keeps_shell ? "\n" : "\nweir_end\n)\n";
}

std::string Script::file_of(const Example& example, const std::string& place) {
  const auto file = folder_ / "examples" / fmt::format("{}.{}", ++files_, example.language);
  std::ofstream(file) << example.text;
  REQUIRE_MESSAGE(std::filesystem::file_size(file) == example.text.size(), place);
  return shell_word(file);
}

void Script::add(const Page& page, const Example& example, const std::string& place) {
  if (example.use == Use::kShow) return;
  begin(place);
  const std::string file = file_of(example, place);
  switch (example.use) {
    case Use::kRun:
      if (example.language == "sh") text_ += example.text;
      if (example.language == "sql") {
        const std::string reader = example.with.empty() ? page.reader : "host=localhost dbname=app user=" + example.with;
        text_ += fmt::format("psql \"{}\" --file {}\n", reader, file);
      }
      return;
    case Use::kRunOnInstead:
      text_ += "weir_end_last\n";
      [[fallthrough]];
    case Use::kRunOn:
      run_on(example);
      return;
    case Use::kGive:
      text_ += fmt::format("{} {}\n", example.with, file);
      return;
    case Use::kParse:
      if (!example.with.empty()) parsed_.push_back(fmt::format("{}: {}: {}", place, example.language, example.with));
      if (example.language == "sh") text_ += "bash -n " + file + '\n';
      if (example.language == "json") text_ += "jq --exit-status . " + file + " >/dev/null\n";
      if (example.language == "python") {
        text_ +=
            "if command -v python3 >/dev/null; then python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' " + file + "; fi\n";
      }
      return;
    case Use::kShow:
      return;
  }
}

void Script::run_on(const Example& example) {
  const std::string log = shell_word(logs() / fmt::format("{}.log", files_));
  // The command takes the place of the shell that would wait for it, so that it is the one that a signal reaches.
  text_ += fmt::format("{{\nexec >{} 2>&1\nexec {}}} &\nweir_pids+=($!) weir_names+=({})\n", log, example.text, shell_word(example.text));
  if (example.text.starts_with("weir ")) text_ += "weir_ready " + log + '\n';
}

void Script::end() {
  begin("the end");
  text_ += "weir_end\n";
}

}  // namespace weir::testing
