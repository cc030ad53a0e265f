// Which transactions units of work note while windows are recomputed: those whose changes touch the windows, so that a snapshot which does
// not see one of them is not written over its effect. Rather one too many than one too few.
#pragma once

#include "common/runtime/consumer.hpp"
#include "consumers/rollups/digest.hpp"
#include "consumers/rollups/recompute_store.hpp"

#include <optional>
#include <span>

namespace weir::rollups {

/// `held`: the divergences of the batch's rows, whose changes move other windows than they say.
[[nodiscard]] Witnesses witnesses_of(std::span<const runtime::Event* const> batch, const Range& windows, const Divergences& held);
/// Those of changes of executions that died; none where the transaction of one is not known.
[[nodiscard]] std::optional<Witnesses> witnesses_of(std::span<const runtime::Burial> dead, std::string_view executions);

}  // namespace weir::rollups
