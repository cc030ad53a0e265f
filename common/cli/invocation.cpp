// Options of the forms that several commands take, with one wording for what is wrong.
#include "common/cli/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace weir::cli {

Result<std::optional<Uuid>> Invocation::uuid(std::string_view name) const {
  const auto text = option(name);
  if (!text) return std::optional<Uuid>();
  if (const auto id = Uuid::parse(*text)) return id;
  return fail(FaultKind::kUsage, fmt::format("{} {}: is no uuid", name, *text));
}

Result<std::optional<Instant>> Invocation::time_or_day(std::string_view name) const {
  const auto text = option(name);
  if (!text) return std::optional<Instant>();
  for (const std::string& form : {*text, *text + "T00:00:00Z"}) {
    if (const auto at = parse_instant(form)) return at;
  }
  return fail(FaultKind::kUsage,
              fmt::format("{} {}: is neither a day such as 2026-11-01 nor a time such as 2026-11-28T09:00:00Z", name, *text));
}

Result<std::int64_t> Invocation::whole_number(std::string_view name, std::int64_t fallback, std::int64_t lowest,
                                              std::int64_t highest) const {
  const auto text = option(name);
  if (!text) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc{} && end == text->data() + text->size() && value >= lowest && value <= highest) return value;
  return fail(FaultKind::kUsage, fmt::format("{} {}: a whole number from {} to {} is needed", name, *text, lowest, highest));
}

Result<std::optional<std::string>> Invocation::one_of(std::string_view name, std::span<const std::string_view> words) const {
  auto text = option(name);
  if (!text || std::ranges::find(words, *text) != words.end()) return text;
  return fail(FaultKind::kUsage, fmt::format("{} {}: is none of {}", name, *text, fmt::join(words, ", ")));
}

std::optional<std::string> Invocation::configuration_file() const {
  const auto named = std::ranges::find(settings, "--config");
  return named == settings.end() ? std::nullopt : std::optional(*std::next(named));
}

}  // namespace weir::cli
