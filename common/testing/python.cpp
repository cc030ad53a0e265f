#include "common/testing/python.hpp"

#include <cstdlib>
#include <string>

namespace weir::testing {

namespace {

std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::optional<std::filesystem::path> python() {
  // The same place as in tools/dev/common.sh.
  const std::string stated = from_environment("XDG_CACHE_HOME");
  const std::filesystem::path cache =
      stated.empty() ? std::filesystem::path(from_environment("HOME")) / ".cache" : std::filesystem::path(stated);
  std::filesystem::path executable = cache / "weir/python/bin/python";
  if (!std::filesystem::exists(executable)) return std::nullopt;
  return executable;
}

}  // namespace weir::testing
