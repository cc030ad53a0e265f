// The last steps of an insight: the ending of a call is charged and its text kept, templates are written in time, and calls that nobody
// answers for are charged once their lease is over.
#pragma once

#include "common/delivery/queue.hpp"
#include "consumers/insights/drafting.hpp"

#include <span>

namespace weir::insights {

/// How calls ended, for metrics.
struct EndedCall {
  std::string provider;
  std::string outcome;
  Tokens charged;
  std::int64_t micro_usd = 0;
};

/// Writes how calls ended, each only where it has not ended yet. The first valid answer gives its insight the text, where the user still
/// consents; a later one is charged and dropped.
[[nodiscard]] Result<std::vector<EndedCall>> end_reported_calls(postgres::Statements& connection, const Chain& chain,
                                                                std::span<const delivery::Report> reports, Microseconds step);

struct WrittenTemplate {
  std::string reason;
  Microseconds after{0};  // its claim
};
/// Writes the templates' texts of drafts that have waited long enough for a model's, or will have within `lead`: at most so many of them.
[[nodiscard]] Result<std::vector<WrittenTemplate>> write_templates(postgres::Statements& connection, std::size_t most, Microseconds lead,
                                                                   Microseconds step);

/// Charges calls whose lease is over as they were reserved, and removes what is of no use any more.
[[nodiscard]] Result<std::vector<EndedCall>> sweep(postgres::Statements& connection, const Chain& chain, Microseconds step);

}  // namespace weir::insights
