// Spans as the texts that they cover.
#pragma once

#include "consumers/insights/pure/span.hpp"

#include <string>
#include <string_view>

namespace weir::testing {

/// "a@b.example | +49 30 1234567"
inline std::string covered(std::string_view text, const insights::Spans& spans) {
  std::string out;
  for (const insights::Span& span : spans) {
    if (!out.empty()) out += " | ";
    out += text.substr(span.begin, span.end - span.begin);
  }
  return out;
}

}  // namespace weir::testing
