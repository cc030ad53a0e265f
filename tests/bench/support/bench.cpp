#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weir::bench {

namespace {

bool read_number(const std::string& text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

CommandLine& CommandLine::option(std::string name, std::int64_t& value, std::string help) {
  std::string fallback = std::to_string(value);
  options_.push_back({"--" + std::move(name), std::move(help), std::move(fallback),
                      [&value](const std::string& text) { return read_number(text, value); }});
  return *this;
}

CommandLine& CommandLine::option(std::string name, std::string& value, std::string help) {
  options_.push_back({"--" + std::move(name), std::move(help), value, [&value](const std::string& text) {
                        value = text;
                        return true;
                      }});
  return *this;
}

CommandLine& CommandLine::flag(std::string name, bool& value, std::string help) {
  options_.push_back({"--" + std::move(name), std::move(help), "", [&value](const std::string&) { return value = true; }, false});
  return *this;
}

std::string CommandLine::usage(const char* program) const {
  std::string out = fmt::format("{}\n\nUsage: {} [--json] [OPTIONS]\n\n  --json: one object a line on stdout\n", about_, program);
  for (const Option& option : options_) {
    out += fmt::format("  {}: {}{}\n", option.name, option.help, option.has_value ? " (default: " + option.fallback + ")" : "");
  }
  return out;
}

Report CommandLine::parse(int count, char** words) {
  Report::Form form = Report::Form::kTable;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--json") {
      form = Report::Form::kJson;
      continue;
    }
    if (word == "--help" || word == "-h") {
      std::fputs(usage(words[0]).c_str(), stdout);
      std::exit(0);
    }
    const auto option = std::find_if(options_.begin(), options_.end(), [&](const Option& candidate) { return candidate.name == word; });
    const bool known = option != options_.end();
    const bool has_value = known && option->has_value;
    if (!known || (has_value && i + 1 == count) || !option->take(has_value ? words[++i] : "")) {
      std::fprintf(stderr, "bench: '%s' is not understood\n\n%s", words[i], usage(words[0]).c_str());
      std::exit(static_cast<int>(ExitCode::kUsage));
    }
  }
  return {about_, form};
}

}  // namespace weir::bench
