// The first step of an insight: intents that are due become drafts. Consent is asked, histories are read, patterns are looked for, and what
// is to be told gets its template's text, so that from then on any process can write it in time.
#pragma once

#include "consumers/insights/drafts_store.hpp"
#include "consumers/insights/findings_store.hpp"
#include "consumers/insights/providers/outgoing.hpp"

#include <memory>
#include <vector>

namespace weir::insights {

/// Accounts in the order in which they are asked.
using Chain = std::vector<std::shared_ptr<const ModelAccount>>;

/// The draft of a finding.
[[nodiscard]] Draft make_draft(const Intent& intent, const Finding& finding, const std::string& locale, Instant now);

/// A draft with what its calls send.
struct Candidate {
  Candidate(Draft its_draft, const KnownNames& names, const Chain& chain);
  Draft draft;
  Prompt prompt;
  std::vector<std::string> hashes;  // of its input to each account of the chain, or to no model where the chain is empty; in hex
};

/// Drafts that are not written yet, and how many intents they come of.
struct Found {
  std::size_t intents = 0;
  bool is_held_back = false;  // a template is late: no intent is taken before it is written
  std::vector<Draft> drafts;
};
[[nodiscard]] Result<Found> find_insights(postgres::Statements& connection, FindingsReader& findings, std::size_t most, Microseconds step);

}  // namespace weir::insights
