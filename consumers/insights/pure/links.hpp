// Links in texts: what a reader, or a program that shows the text, could follow.
#pragma once

#include "consumers/insights/pure/span.hpp"

#include <string_view>

namespace weir::insights {

/// URLs with a scheme, "www." and domains, with what stands behind them, and mail addresses. A bare domain is one whose last part is a
/// well-known top-level domain: "end.Next" is none.
[[nodiscard]] Spans links(std::string_view text);

}  // namespace weir::insights
