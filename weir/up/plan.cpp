// word := component [":" count]
#include "weir/up/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace weir::up {
namespace {

constexpr int kMostInstances = 64;

struct Wanted {
  std::string component;
  int count = 1;
};

Result<Wanted> read(const std::string& word, std::span<const std::string> components) {
  const std::size_t colon = word.find(':');
  Wanted wanted{word.substr(0, colon), 1};
  if (std::find(components.begin(), components.end(), wanted.component) == components.end()) {
    return fail(FaultKind::kUsage, fmt::format("{}: no such component", wanted.component),
                fmt::format("there are {}", fmt::join(components, ", ")));
  }
  if (colon == std::string::npos) return wanted;
  const std::string count = word.substr(colon + 1);
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), wanted.count);
  if (error != std::errc() || end != count.data() + count.size() || wanted.count < 1 || wanted.count > kMostInstances) {
    return fail(FaultKind::kUsage, fmt::format("{}: a count from 1 to {} must follow the colon", word, kMostInstances));
  }
  return wanted;
}

}  // namespace

Result<std::vector<Planned>> plan(std::span<const std::string> words, std::span<const std::string> components, int first_ops_port) {
  static const std::array<std::string, 4> kDefault{"cdc", "gateway", "rollups", "sealer"};
  if (words.empty()) words = kDefault;
  std::vector<Planned> planned;
  std::vector<std::string> seen;
  for (const std::string& word : words) {
    const Wanted wanted = WEIR_TRY(read(word, components));
    if (std::find(seen.begin(), seen.end(), wanted.component) != seen.end()) {
      return fail(FaultKind::kUsage, fmt::format("{} is named twice", wanted.component), fmt::format("say {}:2", wanted.component));
    }
    seen.push_back(wanted.component);
    if (wanted.component == "gateway" && wanted.count > 1) {
      return fail(FaultKind::kUsage, "one machine runs one gateway, which has the address http.listen",
                  "run more of them on other machines, or start them by hand with --listen");
    }
    for (int number = 1; number <= wanted.count; ++number) {
      const int port = first_ops_port + static_cast<int>(planned.size());
      planned.push_back({wanted.count == 1 ? wanted.component : fmt::format("{}-{}", wanted.component, number), wanted.component,
                         fmt::format("127.0.0.1:{}", port)});
    }
  }
  return planned;
}

}  // namespace weir::up
