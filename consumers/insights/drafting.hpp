// The first step of an insight: intents that are due become drafts. Consent is asked, histories are read, patterns are looked for, and what
// is to be told gets its template's text, so that from then on any process can write it in time.
#pragma once

#include "consumers/insights/drafts_store.hpp"
#include "consumers/insights/findings_store.hpp"
#include "consumers/insights/names_store.hpp"
#include "consumers/insights/providers/outgoing.hpp"

#include <memory>
#include <vector>

namespace weir::insights {

/// Accounts in the order in which they are asked.
using Chain = std::vector<std::shared_ptr<const ModelAccount>>;

/// The draft of a finding, with the hash of its input to the first model.
[[nodiscard]] NewDraft make_draft(const Intent& intent, const Finding& finding, const std::string& locale, const KnownNames& names,
                                  const Chain& chain);

/// How many intents were taken.
[[nodiscard]] Result<std::size_t> draft_insights(postgres::Statements& connection, FindingsReader& findings, Names& names,
                                                 const Chain& chain, const Deadlines& deadlines, std::size_t most, Microseconds step);

}  // namespace weir::insights
