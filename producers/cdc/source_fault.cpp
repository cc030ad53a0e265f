#include "producers/cdc/source_fault.hpp"

#include <array>
#include <string_view>

namespace weir::cdc {

namespace {

constexpr std::string_view kMendRow =
    "mend the row in the source; the log stays as it is: to go on without it and snapshot all tables again, run: weir cdc resnapshot";
constexpr std::string_view kAsNow =
    "the publication or the slot was dropped, or made anew, since: the changes between cannot be read; with both in place, run: weir cdc "
    "resnapshot";

constexpr std::string_view kTakenOver = "another weir cdc has taken over this slot; this one ends, start it again as a standby";

/// A row for a whole SQLSTATE, or for the class with which it begins.
struct Row {
  std::string_view sqlstate;
  FaultKind kind;
  std::string_view hint;  // empty: the fault keeps the hint that it has
};

// The first row that fits decides. A state that is not here has its general meaning (common/postgres/sqlstate.cpp). A state that is not
// there either is tried a few times: the next start finds a slot whose WAL is gone (55000), and a standby (0A000) may be promoted.
constexpr std::array kRows{
    // A name that the catalog did not have yet at the stream's place in the log.
    Row{"42704", FaultKind::kGap, kAsNow},
    Row{"42710", FaultKind::kConfiguration, "give weir a slot of its own: cdc.slot"},
    Row{"42501", FaultKind::kPgRefused, ""},
    Row{"42", FaultKind::kPgSchema, "something is missing in the source that it had, or that this release needs: weir check names it"},
    // A segment of the log, or a slot's file, is no longer on the server's disk.
    Row{"58P01", FaultKind::kGap, "the server no longer has what the slot needs; to snapshot all tables again, run: weir cdc resnapshot"},
    Row{"XX001", FaultKind::kData,
        "the source's data or log is damaged: restore or mend it; weir cdc resnapshot then takes all tables again"},
    Row{"XX002", FaultKind::kData, "an index of the source is damaged: REINDEX it"},
    // A text that cannot be turned into UTF-8, a row filter that divides by zero, a row of more than a gigabyte.
    Row{"22", FaultKind::kPgValue, kMendRow},
    Row{"54", FaultKind::kPgLimit, kMendRow},
};

}  // namespace

Fault judged(Fault fault) {
  if (fault.kind == FaultKind::kKafkaFenced) fault.hint = kTakenOver;
  for (const Row& row : kRows) {
    if (fault.sqlstate.empty() || !fault.sqlstate.starts_with(row.sqlstate)) continue;
    fault.kind = row.kind;
    if (!row.hint.empty()) fault.hint = row.hint;
    return fault;
  }
  return fault;
}

bool is_untranslatable(const Fault& fault) { return fault.sqlstate == "22021" || fault.sqlstate == "22P05"; }

bool is_last(const Fault& fault, int tries) {
  // The next capture makes a new producer for one that broke for good, and makes a deleted topic again.
  if (fault.kind == FaultKind::kKafkaFatal || fault.kind == FaultKind::kKafkaUnknownTopic) return false;
  switch (next_action(fault, tries)) {
    case Action::kRetry:
    case Action::kRetryFew:
    case Action::kResolveDoubt:
      return false;
    case Action::kPark:
    case Action::kDivide:
    case Action::kStop:
      return true;
  }
  return true;
}

}  // namespace weir::cdc
