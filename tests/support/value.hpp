// The value of a result without which a test cannot go on.
#pragma once

#include "common/core/result.hpp"

#include <doctest/doctest.h>

#include <string>
#include <type_traits>
#include <utility>

namespace weir::testing {

/// Ends the test where there is a fault, and shows it.
template <class T>
T value(Result<T> result) {
  REQUIRE_MESSAGE(result.has_value(), (result ? std::string() : result.error().line()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace weir::testing
