// What a run says of itself: its seed first, then what it does as it goes, its figures and its witnesses, a line each on stdout that a
// document may quote and a search finds: "chaos consumers seed=1 form=short kills=20".
#pragma once

#include "common/core/time.hpp"
#include "tests/chaos/harness/parameters.hpp"

#include <concepts>
#include <cstdint>
#include <string>

namespace weir::chaos {

class Report {
 public:
  Report(std::string scenario, const Parameters& parameters);

  void figure(const std::string& name, const std::string& value) const;
  template <std::integral T>
  void figure(const std::string& name, T value) const {
    figure(name, std::to_string(value));
  }
  /// In seconds, to the millisecond.
  void figure(const std::string& name, Milliseconds value) const;

  /// A figure that must be exactly this.
  void exact(const std::string& name, std::int64_t found, std::int64_t wanted) const;
  /// How often faults really hit: a run whose faults did not hit has shown nothing, and fails.
  void witness(const std::string& name, std::int64_t hits, std::int64_t at_least) const;
  /// What happened when, for whoever reads a failed run; to stderr.
  void tell(const std::string& what) const;
  [[nodiscard]] Milliseconds elapsed() const;

 private:
  std::string head_;
  SteadyInstant begin_;
};

}  // namespace weir::chaos
