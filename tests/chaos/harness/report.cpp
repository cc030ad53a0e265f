#include "tests/chaos/harness/report.hpp"

#include <doctest/doctest.h>

#include <cstdio>

namespace weir::chaos {

Report::Report(std::string scenario, const Parameters& parameters)
    : head_("chaos " + std::move(scenario) + " seed=" + std::to_string(parameters.seed) + " form=" + parameters.of_form("short", "long")),
      begin_(SystemClock().steady()) {
  std::printf("%s\n", head_.c_str());
  std::fflush(stdout);
}

void Report::figure(const std::string& name, const std::string& value) const {
  std::printf("%s %s=%s\n", head_.c_str(), name.c_str(), value.c_str());
  std::fflush(stdout);
}

void Report::figure(const std::string& name, Milliseconds value) const {
  char text[32];
  std::snprintf(text, sizeof text, "%.3fs", static_cast<double>(value.count()) / 1e3);
  figure(name, std::string(text));
}

void Report::exact(const std::string& name, std::int64_t found, std::int64_t wanted) const {
  figure(name, found);
  INFO(head_ << " " << name);
  CHECK(found == wanted);
}

void Report::witness(const std::string& name, std::int64_t hits, std::int64_t at_least) const {
  figure(name, hits);
  INFO(head_ << " " << name << ": the faults did not hit");
  CHECK(hits >= at_least);
}

void Report::tell(const std::string& what) const {
  std::fprintf(stderr, "%8.2f s  %s\n", static_cast<double>(elapsed().count()) / 1e3, what.c_str());
}

Milliseconds Report::elapsed() const { return std::chrono::duration_cast<Milliseconds>(SystemClock().steady() - begin_); }

}  // namespace weir::chaos
