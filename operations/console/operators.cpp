#include "operations/console/operators.hpp"

#include "common/core/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace weir::console {

namespace {

constexpr std::size_t kShortestToken = 32;
constexpr std::size_t kFewestDifferent = 8;  // of 32 random hexadecimal digits fewer are different once in a million tokens
constexpr std::string_view kSpace = " \t\r";

std::vector<std::string> words_of(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string> words;
  for (std::size_t begin = line.find_first_not_of(kSpace); begin != std::string_view::npos; begin = line.find_first_not_of(kSpace, begin)) {
    const std::size_t end = std::min(line.find_first_of(kSpace, begin), line.size());
    words.emplace_back(line.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

}  // namespace

Result<std::vector<Operator>> operators_of(std::string_view text) {
  std::vector<Operator> operators;
  int number = 0;
  const auto refuse = [&number](std::string_view why) {
    return fail(FaultKind::kConfiguration, fmt::format("console.tokens_file, line {}: {}", number, why),
                "a line is NAME TOKEN, for example: ada \"$(openssl rand -hex 32)\"");
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::vector<std::string> words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (words.empty()) continue;
    if (words.size() != 2) return refuse("is no name and token");
    if (words[1].size() < kShortestToken) return refuse(fmt::format("the token has less than {} characters", kShortestToken));
    if (std::set<char>(words[1].begin(), words[1].end()).size() < kFewestDifferent) return refuse("the token is no random one");
    const bool is_known = std::any_of(operators.begin(), operators.end(),
                                      [&words](const Operator& before) { return before.name == words[0] || before.token == words[1]; });
    if (is_known) return refuse("the name or the token stands in a line before");
    operators.push_back({words[0], words[1]});
  }
  return operators;
}

std::string token_hash(std::string_view token) { return hex(sha256(token)); }

std::optional<std::string> name_of(const std::vector<Operator>& operators, std::string_view token) {
  const std::string asked = token_hash(token);
  std::optional<std::string> name;
  // No comparison is left out, since the time would tell which.
  for (const Operator& one : operators) {
    if (same_secret(token_hash(one.token), asked)) name = one.name;
  }
  return name;
}

}  // namespace weir::console
