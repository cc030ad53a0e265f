#include "common/cli/decision.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace weir::cli {

namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

Option why_option(std::string help, bool required) {
  return {.name = "--why", .placeholder = "TEXT", .help = std::move(help), .required = required};
}

Option by_option() { return {.name = "--by", .placeholder = "NAME", .help = "Who decides; without it the operating system's user."}; }

Result<Decision> decision_of(const Invocation& invocation) {
  Decision decision{decider_of(invocation), invocation.option("--why").value_or("")};
  if (is_blank(decision.why)) return fail(FaultKind::kUsage, "--why: must say why; it is kept with your name");
  if (is_blank(decision.by)) return fail(FaultKind::kUsage, "--by: must say who decides");
  return decision;
}

std::string decider_of(const Invocation& invocation) {
  if (const auto by = invocation.option("--by")) return *by;
  const passwd* entry = getpwuid(getuid());
  return entry != nullptr ? std::string(entry->pw_name) : fmt::format("uid {}", getuid());
}

}  // namespace weir::cli
