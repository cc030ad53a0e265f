// Result<T>: a value, or the Fault that stood in its way. Expected failures travel as values;
// exceptions live inside adapters and are translated there; a broken invariant ends the process.
#pragma once

#include "common/core/fault.hpp"

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace weir {

template <class T>
using Result = tl::expected<T, Fault>;

/// Makes the failed side of any Result: `return fail(FaultKind::kConfiguration, "what is wrong", "what to do");`
[[nodiscard]] inline tl::unexpected<Fault> fail(FaultKind kind, std::string message, std::string hint = {}) {
  Fault fault;
  fault.kind = kind;
  fault.message = std::move(message);
  fault.hint = std::move(hint);
  return tl::unexpected<Fault>(std::move(fault));
}

[[nodiscard]] inline tl::unexpected<Fault> fail(Fault fault) { return tl::unexpected<Fault>(std::move(fault)); }

/// Ends the process with exit code 70 after printing the broken invariant and its place.
[[noreturn]] void broken_invariant(const char* expression, const char* file, int line);

namespace detail {
template <class T>
T take(Result<T>&& result) {
  return *std::move(result);
}
inline void take(Result<void>&&) {}
}  // namespace detail

}  // namespace weir

/// Unwraps a Result or returns its Fault from the enclosing function:  auto rows = WEIR_TRY(connection.query(…));
#define WEIR_TRY(expression) WEIR_TRY_NAMED(expression, WEIR_TRY_JOIN(weir_try_result_, __COUNTER__))
#define WEIR_TRY_JOIN(a, b) WEIR_TRY_JOIN_EXPANDED(a, b)
#define WEIR_TRY_JOIN_EXPANDED(a, b) a##b
// The result's name is its own at each place, so that one use may stand inside another's expression.
#define WEIR_TRY_NAMED(expression, result)                               \
  ({                                                                     \
    auto result = (expression);                                          \
    if (!result.has_value()) {                                           \
      return ::tl::unexpected<::weir::Fault>(std::move(result).error()); \
    }                                                                    \
    ::weir::detail::take(std::move(result));                             \
  })

/// An invariant that is checked in every build.
#define WEIR_ASSERT(condition) ((condition) ? static_cast<void>(0) : ::weir::broken_invariant(#condition, __FILE__, __LINE__))
