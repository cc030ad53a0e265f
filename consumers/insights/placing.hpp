// The second step of an insight: drafts whose next provider is due get a call, each first call and each hedge alike. What a call may cost
// is reserved, and the call is written down, in the transaction that this step runs in: the call begins only after that is committed.
#pragma once

#include "common/delivery/queue.hpp"
#include "consumers/insights/drafting.hpp"
#include "consumers/insights/names_store.hpp"

#include <vector>

namespace weir::insights {

struct PlacingTerms {
  const Chain& chain;
  const Deadlines& deadlines;
  const delivery::Wanted& wanted;
  Microseconds step{0};
};

/// Drafts for which calls are placed: those that wait for one, and those that were found in this transaction and are not written yet.
struct Placeable {
  std::vector<Draft> waiting;
  std::vector<Draft> found;
};
/// Writes the drafts as they stand after this step, and gives the calls that may begin.
[[nodiscard]] Result<std::vector<delivery::Job>> place_calls(postgres::Statements& connection, Names& names, const PlacingTerms& terms,
                                                             Placeable drafts);

}  // namespace weir::insights
