// A stretch of a text that must not leave the process.
#pragma once

#include <cstddef>
#include <vector>

namespace weir::insights {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};
using Spans = std::vector<Span>;

/// In the order of their begins; those that touch or overlap as a single one.
[[nodiscard]] Spans merged(Spans spans);

}  // namespace weir::insights
