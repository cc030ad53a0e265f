// What the console knows of the system at a moment, and its JSON, with rates since the moment before. It asks nobody.
#pragma once

#include "operations/commands/lag.hpp"
#include "operations/commands/pauses_store.hpp"
#include "operations/commands/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::console {

/// Why a part of a snapshot is old.
struct KnownFault {
  std::string source;  // postgres or kafka
  std::string detail;
  Instant since{};
};

/// What is asked more seldom than each second, because it costs more.
struct Status {
  std::vector<operations::GroupRow> groups;
  std::vector<operations::GapRow> gaps;
  std::vector<operations::ReasonRow> reasons;
  std::vector<operations::RefusedWakeupRow> wakeups;
  std::vector<operations::SlotRow> slots;
  std::int64_t critical_alerts = 0;
  std::int64_t warnings = 0;
  std::int64_t waiting_messages = 0;
  std::int64_t resting_accounts = 0;
  Instant at{};
};

struct Snapshot {
  Instant at{};
  std::vector<KnownFault> faults;
  std::vector<operations::LagRow> lag;
  std::vector<operations::PauseRow> pauses;
  std::optional<Status> status;
  bool is_fresh = true;  // positions and logs are of this moment; else of an earlier one, and no rate can be told
};

/// The JSON of a snapshot with this number. `before`: the last snapshot, from which rates are counted; null: there is none.
[[nodiscard]] std::string snapshot_json(std::uint64_t number, const Snapshot& now, const Snapshot* before);

}  // namespace weir::console
