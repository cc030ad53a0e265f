#include "consumers/insights/pure/span.hpp"

#include <algorithm>

namespace weir::insights {

Spans merged(Spans spans) {
  std::ranges::sort(spans, {}, &Span::begin);
  Spans out;
  for (const Span& span : spans) {
    if (span.begin >= span.end) continue;
    if (!out.empty() && span.begin <= out.back().end) {
      out.back().end = std::max(out.back().end, span.end);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

}  // namespace weir::insights
