// word := component [":" count]
#include "weir/up/plan.hpp"

#include "common/process/components.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace weir::up {
namespace {

constexpr int kMostInstances = 64;

struct Wanted {
  std::string component;
  int count = 1;
};

std::vector<std::string> names_of(std::span<const process::Component> components) {
  std::vector<std::string> names;
  for (const process::Component& component : components) names.push_back(component.name);
  return names;
}

Result<Wanted> read(const std::string& word, std::span<const process::Component> components) {
  const std::size_t colon = word.find(':');
  Wanted wanted{word.substr(0, colon), 1};
  if (process::find_component(components, wanted.component) == nullptr) {
    return fail(FaultKind::kUsage, fmt::format("{}: no such component", wanted.component),
                fmt::format("there are {}", fmt::join(names_of(components), ", ")));
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

Result<std::vector<Planned>> plan(std::span<const std::string> words, std::span<const process::Component> components, int first_ops_port) {
  const std::vector<std::string> all = names_of(components);
  if (words.empty()) words = all;
  std::vector<Planned> planned;
  std::vector<std::string> seen;
  for (const std::string& word : words) {
    const Wanted wanted = WEIR_TRY(read(word, components));
    if (std::find(seen.begin(), seen.end(), wanted.component) != seen.end()) {
      return fail(FaultKind::kUsage, fmt::format("{} is named twice", wanted.component), fmt::format("say {}:2", wanted.component));
    }
    seen.push_back(wanted.component);
    if (wanted.count > 1 && process::find_component(components, wanted.component)->declaration.one_a_machine) {
      return fail(FaultKind::kUsage, fmt::format("one machine runs one {}, which listens at an address of its own", wanted.component),
                  "run more of them on other machines, or start them by hand with another address");
    }
    for (int number = 1; number <= wanted.count; ++number) {
      const int port = first_ops_port + static_cast<int>(planned.size());
      planned.push_back({wanted.count == 1 ? wanted.component : fmt::format("{}-{}", wanted.component, number), wanted.component,
                         fmt::format("127.0.0.1:{}", port)});
    }
  }
  return planned;
}

int ops_port_of(std::string_view listen, int otherwise) {
  const std::string_view digits = listen.substr(listen.rfind(':') + 1);
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && port > 0 ? port : otherwise;
}

}  // namespace weir::up
