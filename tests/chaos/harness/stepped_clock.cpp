#include "tests/chaos/harness/stepped_clock.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>

namespace weir::chaos {
namespace {

// Debian keeps it below the folder of the architecture.
std::filesystem::path library() {
  std::error_code failed;
  for (const auto& folder : std::filesystem::directory_iterator("/usr/lib", failed)) {
    const std::filesystem::path found = folder.path() / "faketime" / "libfaketimeMT.so.1";
    if (std::filesystem::exists(found, failed)) return found;
  }
  return {};
}

}  // namespace

bool SteppedClock::possible() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  return true;
#endif
}

SteppedClock::SteppedClock(std::filesystem::path file) : file_(std::move(file)) {
  REQUIRE_MESSAGE(!library().empty(), "libfaketime is not there: run ./dev deps");
  set(Milliseconds{0});
}

std::map<std::string, std::string> SteppedClock::environment() const {
  return {{"LD_PRELOAD", library()},
          {"FAKETIME_TIMESTAMP_FILE", file_},
          {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
          {"FAKETIME_CACHE_DURATION", "1"}};
}

void SteppedClock::set(Milliseconds offset) const {
  char text[32];
  std::snprintf(text, sizeof text, "%+.3f", static_cast<double>(offset.count()) / 1e3);
  // A process that reads sees either the whole old file or the whole new file.
  const std::filesystem::path fresh = file_.string() + ".new";
  std::ofstream(fresh) << text << "\n";
  std::filesystem::rename(fresh, file_);
}

}  // namespace weir::chaos
