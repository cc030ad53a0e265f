// What a run is asked for, from the environment as `./dev test chaos` sets it.
#pragma once

#include "common/core/time.hpp"

#include <cstdint>
#include <optional>

namespace weir::chaos {

struct Parameters {
  std::uint64_t seed = 1;           // WEIR_CHAOS_SEED
  bool long_form = false;           // WEIR_CHAOS_FORM: short or long
  std::optional<Seconds> duration;  // WEIR_CHAOS_FOR, for the scenarios that go on until told otherwise

  /// The first value in the short form, the second in the long form.
  template <class T>
  [[nodiscard]] T of_form(T in_short, T in_long) const {
    return long_form ? in_long : in_short;
  }
};

/// A variable that does not hold what it should ends the program with exit code 64.
[[nodiscard]] Parameters parameters();

}  // namespace weir::chaos
