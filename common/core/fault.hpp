// Every way in which weir can fail, and the one table that says what is done about it (docs/architecture.md, "Fault to action").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir {

/// What the runtime does with the unit of work that met a fault.
enum class Action : std::uint8_t {
  kRetry,         // the same work again, backoff with full jitter up to 30 s, without end
  kRetryFew,      // the same work again, until it was tried kFewTries times, then stop
  kPark,          // the event waits for something named (a missing row)
  kDivide,        // halve the unit of work until the bad event stands alone, then dead letter
  kResolveDoubt,  // ask Postgres whether the commit came through; never repeat blindly
  kStop,          // end the process with the fault's exit code and one line for the operator
};

/// Exit codes of the `weir` executable (sysexits.h).
enum class ExitCode : int {
  kOk = 0,
  kUsage = 64,
  kData = 65,         // a gap, positions that do not fit, a verification that found a difference
  kUnavailable = 69,  // a service is not there
  kBug = 70,
  kTryAgain = 75,
  kRefused = 77,  // SQLSTATE 28, 42501
  kConfiguration = 78,
};

enum class FaultKind : std::uint8_t {
  kUsage,
  kConfiguration,
  kData,
  kGap,
  kBug,
  kTimeout,             // a wait of our own ran out
  kCancelled,           // told to stop while waiting
  kIo,                  // files, sockets, processes
  kPgSerialization,     // 40001, 40P01
  kPgLockTimeout,       // 55P03
  kPgInUse,             // 55006: a slot that another session still has
  kPgStatementTimeout,  // 57014
  kPgIdleTimeout,       // 25P03, 25P04
  kPgReadOnly,          // 25006: a standby; connect again
  kPgConnection,        // class 08, 57P0x, no answer
  kPgResources,         // class 53
  kPgMissingRow,        // 23503
  kPgConstraint,        // other class 23
  kPgValue,             // class 22
  kPgLimit,             // class 54
  kPgRaised,            // P0001
  kPgRefused,           // class 28, 42501
  kPgSchema,            // class 42, 3D, 3F
  kPgOther,             // not named in the table
  kCommitInDoubt,       // COMMIT was sent, its answer was lost
  kFenced,              // the position row has another epoch or offset: another owner has taken over
  kKafkaRetriable,
  kKafkaQueueFull,  // the producer's bounded queue is full
  kKafkaUnknownTopic,
  kKafkaFenced,        // another producer has our transactional id
  kKafkaTxnAbortable,  // abort this Kafka transaction and take it again
  kKafkaRefused,       // authorization
  kKafkaFatal,
};

struct FaultRow {
  FaultKind kind;
  std::string_view name;  // snake_case, for logs and metrics
  Action action;
  ExitCode exit_code;     // where the action ends in a stop
  std::string_view hint;  // what the operator can do, where whoever met the fault knows nothing better; may be empty
};

/// The table, one row a FaultKind, in the order of the enumeration.
[[nodiscard]] std::span<const FaultRow> fault_table();
[[nodiscard]] const FaultRow& fault_row(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::kBug;
  std::string message;     // what happened, with what and where
  std::string hint;        // what the operator can do here; empty: what the table says
  std::string sqlstate;    // Postgres faults only
  std::string constraint;  // Postgres faults only, where the server names it
  std::string column;      // likewise
  std::string table;       // likewise

  [[nodiscard]] Action action() const { return fault_row(kind).action; }
  [[nodiscard]] ExitCode exit_code() const { return fault_row(kind).exit_code; }
  [[nodiscard]] std::string_view name() const { return fault_row(kind).name; }
  /// The hint, or the table's where there is none.
  [[nodiscard]] std::string_view advice() const { return hint.empty() ? fault_row(kind).hint : std::string_view(hint); }
  /// The fault as a line for a person: "message (advice)".
  [[nodiscard]] std::string line() const;
  /// The same fault with `context: ` before its message.
  [[nodiscard]] Fault in(std::string_view context) const;
};

inline constexpr int kFewTries = 8;

/// Decides what is done about `fault`, with which the same work has failed for the `tries`-th time: the table's action, where kRetryFew
/// becomes kRetry, or kStop once kFewTries are used up.
[[nodiscard]] Action next_action(const Fault& fault, int tries);

}  // namespace weir
