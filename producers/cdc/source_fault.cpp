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

/// A whole SQLSTATE, or the class that it begins with.
struct Row {
  std::string_view sqlstate;
  FaultKind kind;
  std::string_view hint;  // empty: whoever met the fault knows better
};

// The first row that fits decides. What is not here means to a stream what it means everywhere (common/postgres/sqlstate.cpp); what nobody
// names there is tried a few times: a slot whose WAL is gone (55000) is named as lost at the next start, a standby (0A000) may be promoted.
constexpr std::array kRows{
    // A name that the log's own catalog does not have at the place where the stream stands.
    Row{"42704", FaultKind::kGap, kAsNow},
    Row{"42710", FaultKind::kConfiguration, "give weir a slot of its own: cdc.slot"},
    Row{"42501", FaultKind::kPgRefused, ""},
    Row{"42", FaultKind::kPgSchema, "the source lacks what it had, or what this release needs: weir check says what"},
    // A segment of the log, or what was kept of a slot, is no longer on the server's disk.
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

Ending ending(const Fault& fault) {
  // A producer that broke for good is made anew by the next capture, and so is a topic that was deleted.
  if (fault.kind == FaultKind::kKafkaFatal || fault.kind == FaultKind::kKafkaUnknownTopic) return Ending::kAgain;
  switch (fault.action()) {
    case Action::kRetry:
    case Action::kResolveDoubt:
      return Ending::kAgain;
    case Action::kRetryFew:
      return Ending::kAgainFew;
    case Action::kPark:
    case Action::kDivide:
    case Action::kStop:
      return Ending::kEnd;
  }
  return Ending::kEnd;
}

}  // namespace weir::cdc
