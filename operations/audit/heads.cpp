#include "operations/audit/heads.hpp"

#include "common/core/json.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir::audit {

namespace {

/// The word that follows a member's name.
std::string_view value_of(std::string_view line, std::string_view name) {
  constexpr std::string_view kBetween = "\":= ";
  for (std::size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
    const bool begins = at == 0 || line[at - 1] == '"' || line[at - 1] == ' ';
    const std::size_t first = line.find_first_not_of(kBetween, at + name.size());
    if (!begins || first == at + name.size() || first == std::string_view::npos) continue;
    return line.substr(first, line.find_first_of("\",} ", first) - first);
  }
  return {};
}

}  // namespace

std::string line_of(const Head& head) {
  std::string line;
  JsonWriter json(line);
  json.begin_object().member("organization", head.organization.text()).member("number", head.number).member("hash", hex(head.hash));
  json.end_object();
  return line;
}

std::optional<Head> head_in(std::string_view line) {
  constexpr std::string_view kAfter = "\"after\":";
  if (const std::size_t after = line.find(kAfter); after != std::string_view::npos) line.remove_prefix(after + kAfter.size());
  auto organization = Uuid::parse(value_of(line, "organization"));
  if (!organization) organization = Uuid::parse(value_of(line, "organization_id"));
  const auto hash = hash_of_hex(value_of(line, "hash"));
  const std::string_view digits = value_of(line, "number");
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (!organization || !hash || error != std::errc{} || end != digits.data() + digits.size() || number <= 0) return std::nullopt;
  return Head{*organization, number, *hash};
}

}  // namespace weir::audit
