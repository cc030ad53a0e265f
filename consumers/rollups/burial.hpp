// What a change leaves untrue that died without the consumer's word: by Postgres, by ending the process, or because it could not even be
// read. Its windows lack it, or still hold what it took out, and say so; and the next change of its row must know what they hold.
#pragma once

#include "common/postgres/connection.hpp"
#include "common/runtime/consumer.hpp"
#include "consumers/rollups/agents_store.hpp"
#include "consumers/rollups/facts.hpp"
#include "consumers/rollups/progress_store.hpp"
#include "consumers/rollups/pure/divergence.hpp"

#include <span>
#include <vector>

namespace weir::rollups {

struct Aftermath {
  std::vector<WindowKey> windows;  // whose rows are not complete
  Divergences divergences;
  std::vector<LostAgent> agents;
  KnownFrom known_from;  // where it cannot be told which windows, or which agents
  KnownFrom beyond;      // what covers the windows, should their rows not let themselves be written
};

/// Of all burials of a batch, but for letters that were sent through again: their first death was told. A record that this process could
/// not read, or that ended it, is read by Postgres. The divergences are joined with what was known of their rows.
[[nodiscard]] Result<Aftermath> aftermath_of(postgres::Connection& connection, std::string_view group,
                                             std::span<const runtime::Burial> burials, const SourceTopics& topics, const TimeLimits& limits,
                                             Instant now);

}  // namespace weir::rollups
