// The consequences of burials: changes that died because Postgres refused them, because they ended the process, or because nobody could
// read them. The windows of such a change lack its new row, or still hold its old one. Therefore they are marked as not complete, and the
// divergence is kept for the next change of the row.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/runtime/consumer.hpp"
#include "consumers/rollups/agents_store.hpp"
#include "consumers/rollups/facts.hpp"
#include "consumers/rollups/progress_store.hpp"
#include "consumers/rollups/pure/divergence.hpp"
#include "consumers/rollups/pure/exclusions.hpp"

#include <span>
#include <vector>

namespace weir::rollups {

struct Aftermath {
  std::vector<WindowKey> windows;  // windows whose rows are not complete
  Divergences divergences;
  std::vector<LostAgent> agents;
  KnownFrom known_from;  // set where nothing tells which windows or which agents a change belongs to
  KnownFrom beyond;      // covers the windows too, for when Postgres refuses to write their rows
};

/// The aftermath of a batch's burials. Letters that were sent through again are left out, because their first death was treated already.
/// Postgres reads the records that this process could not read, or that ended it. The divergences include what was known of their rows
/// before. A change that recomputed windows hold already leaves nothing behind.
[[nodiscard]] Result<Aftermath> aftermath_of(postgres::Statements& connection, std::string_view group,
                                             std::span<const runtime::Burial> burials, const SourceTopics& topics, const TimeLimits& limits,
                                             const Exclusions& excluded, Instant now);

}  // namespace weir::rollups
