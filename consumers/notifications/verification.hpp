// Compares messages with what they follow from: their events and rules by their ids, the ids that are kept, the queue and the attempts; and
// rows of which rules make messages with the messages. It reads only.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/process/result_differences.hpp"
#include "consumers/notifications/settings_store.hpp"

#include <string>

namespace weir::notifications {

struct VerifyOptions {
  std::string group = "weir.notifications";
  std::string topic_prefix;  // of topics of changes: "weir.cdc."
};

/// Within a transaction, of which all statements see the same rows.
[[nodiscard]] Result<void> verify_results(postgres::Statements& connection, const VerifyOptions& options, const process::Period& period,
                                          process::ResultDifferences& found);

}  // namespace weir::notifications
