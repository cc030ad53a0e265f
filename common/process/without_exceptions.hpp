// The border of what a component throws.
#pragma once

#include "common/core/result.hpp"

#include <exception>
#include <string>

namespace weir::process {

/// Calls `fn`, which gives a Result<void>. What it throws is a bug of weir, and ends the process as one.
template <class Fn>
[[nodiscard]] Result<void> without_exceptions(Fn fn) {
  try {
    return fn();
  } catch (const std::exception& error) {
    return fail(FaultKind::kBug, std::string("unexpected exception: ") + error.what());
  }
}

}  // namespace weir::process
