#include "consumers/scoring/pure/completion.hpp"

#include <algorithm>

namespace weir::scoring {

std::vector<Completion> counted(const Course& course, std::span<const Completion> completions) {
  std::vector<Completion> kept;
  for (const Completion& completion : completions) {
    if (course.activity(completion.activity) != nullptr) kept.push_back(completion);
  }
  std::ranges::sort(kept, {}, &Completion::place);
  return kept;
}

}  // namespace weir::scoring
