// For weir verify: reads the records of a period again that a group has taken, and decodes them as its consumer was given them.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/process/component.hpp"
#include "common/process/explanation.hpp"
#include "common/runtime/consumer.hpp"

#include <functional>
#include <list>
#include <set>
#include <string>

namespace weir::host {

struct TakenEvent {
  process::RecordToExplain record;
  runtime::Event event{};  // its views point into the record
};
using TakenEvents = std::list<TakenEvent>;  // none of which moves

/// Hands the events of these topics to `take`, some at a time, those left out that ended without the consumer. A record is taken where the
/// group's position, as the transaction sees it, has passed it, from the group's first mark of the partition on. Topics that are gone, or
/// were made again, have none.
[[nodiscard]] Result<void> read_taken(const process::Context& context, postgres::Statements& connection,
                                      const runtime::Description& description, const std::set<std::string>& topics,
                                      const process::Period& period, const std::function<Result<void>(const TakenEvents&)>& take);

}  // namespace weir::host
