// How far the stream has been published. It is kept in Kafka, in the same transaction as the records (topic weir.cdc.positions, compacted,
// one partition). It is written before the source is told, so that the source never gives up a part of its log that the position still
// needs.
//
//   key   := {"source": cdc.source_name, "database": …, "slot": …}
//   value := { "system_identifier", "timeline", "state": "snapshot"|"stream", "lsn": "0/16B3748",
//              "last_commit": "0/…"|null, "part": null|{ "transaction": "0/…", "messages": n, "number": n }, "updated_at" }
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "producers/cdc/lsn.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cdc {

/// How far a source transaction is published that goes out in several Kafka transactions.
struct Part {
  Lsn transaction;             // the final LSN of its Begin: which transaction it is
  std::uint64_t messages = 0;  // how many of its messages are published
  std::uint64_t number = 1;    // the last part that is published
  friend bool operator==(const Part&, const Part&) = default;
};

struct StreamPosition {
  enum class State : std::uint8_t { kSnapshot, kStream };
  std::string system_identifier;
  std::uint32_t timeline = 0;
  State state = State::kStream;
  Lsn lsn;                         // every transaction whose commit ends at or below it is published
  std::optional<Lsn> last_commit;  // source.sequence's first element for the next transaction
  std::optional<Part> part;        // of the transaction after lsn
  friend bool operator==(const StreamPosition&, const StreamPosition&) = default;
};

[[nodiscard]] std::string position_key(std::string_view source_name, std::string_view database, std::string_view slot);
/// The beginning of every key of the stream, the position's own among them: only the last brace of that is missing, in whose place a key
/// for anything else has one more member.
[[nodiscard]] std::string_view key_beginning(std::string_view position_key);
/// The id by which an instance fences the instance before it. It names the server, because two servers may have databases and slots of the
/// same names and must not fence each other.
[[nodiscard]] std::string transactional_id(std::string_view source_name, std::string_view system_identifier, std::string_view database,
                                           std::string_view slot);
[[nodiscard]] std::string to_json(const StreamPosition& position, Instant now);
/// Fault kData where the text is not a position.
[[nodiscard]] Result<StreamPosition> parse_position(std::string_view json);

struct SlotState {
  std::string plugin;
  std::string database;
  std::string wal_status;       // reserved, extended, unreserved, lost
  Lsn confirmed_flush;          // 0 where the slot has none yet
  Lsn restart;                  // the server keeps WAL for the slot from here on
  std::int64_t active_pid = 0;  // 0: nobody streams from it
};

/// One line of a timeline's history: that timeline ended at `end`.
struct TimelineEnd {
  std::uint32_t timeline = 0;
  Lsn end;
};

/// The state of the source at the start.
struct SourceState {
  std::string system_identifier;
  std::uint32_t timeline = 0;
  Lsn flushed;  // pg_current_wal_flush_lsn()
  std::string database;
  std::optional<SlotState> slot;
};

enum class Start : std::uint8_t {
  kFirst,   // no slot, no position: make the slot and snapshot
  kAgain,   // a snapshot broke off: drop the slot where it is there, and start it again
  kResume,  // stream from the stored position
};

/// Decides how to start, or says why weir must not start: wherever changes could be missing without notice, this returns a fault kGap or
/// kData, whose hint is the command that repairs it. `history` is needed only where the timelines differ.
[[nodiscard]] Result<Start> decide_start(std::string_view slot_name, const std::optional<StreamPosition>& stored, const SourceState& source,
                                         std::span<const TimelineEnd> history);

/// May the slot and the stored position be given up for a new snapshot? A slot or a position that belongs to another server, database or
/// plugin is a fault, and stays. `replaced_server` is the system identifier of a server that the operator says is gone.
[[nodiscard]] Result<void> check_forget(std::string_view slot_name, const std::optional<StreamPosition>& stored, const SourceState& source,
                                        std::string_view replaced_server);

/// Reads the text of TIMELINE_HISTORY ("1\t0/16B3748\treason" a line; comments start with #).
[[nodiscard]] Result<std::vector<TimelineEnd>> parse_timeline_history(std::string_view text);

}  // namespace weir::cdc
