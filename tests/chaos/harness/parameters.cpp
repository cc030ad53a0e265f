#include "tests/chaos/harness/parameters.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace weir::chaos {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view(value);
}

std::optional<std::uint64_t> number(const char* name) {
  const std::string_view text = variable(name);
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return value;
  std::fprintf(stderr, "%s is no whole number: '%s'\n", name, text.data());
  std::exit(static_cast<int>(ExitCode::kUsage));
}

}  // namespace

Parameters parameters() {
  Parameters asked;
  asked.seed = number("WEIR_CHAOS_SEED").value_or(asked.seed);
  if (const auto seconds = number("WEIR_CHAOS_FOR")) asked.duration = Seconds{*seconds};
  const std::string_view form = variable("WEIR_CHAOS_FORM");
  if (!form.empty() && form != "short" && form != "long") {
    std::fprintf(stderr, "WEIR_CHAOS_FORM is short or long, not '%s'\n", form.data());
    std::exit(static_cast<int>(ExitCode::kUsage));
  }
  asked.long_form = form == "long";
  return asked;
}

}  // namespace weir::chaos
