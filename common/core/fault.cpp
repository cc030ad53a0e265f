#include "common/core/fault.hpp"

#include "common/core/result.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace weir {

namespace {

using enum Action;
using enum ExitCode;

constexpr std::array kTable{
    FaultRow{FaultKind::kUsage, "usage", kStop, ExitCode::kUsage, ""},
    FaultRow{FaultKind::kConfiguration, "configuration", kStop, ExitCode::kConfiguration, ""},
    FaultRow{FaultKind::kData, "data", kStop, ExitCode::kData, ""},
    FaultRow{FaultKind::kGap, "gap", kStop, ExitCode::kData, ""},
    FaultRow{FaultKind::kBug, "bug", kStop, ExitCode::kBug, "this is a bug in weir; please report it"},
    FaultRow{FaultKind::kTimeout, "timeout", kRetry, kUnavailable, ""},
    FaultRow{FaultKind::kCancelled, "cancelled", kStop, kTryAgain, ""},
    FaultRow{FaultKind::kIo, "io", kRetryFew, kUnavailable, ""},
    FaultRow{FaultKind::kPgSerialization, "pg_serialization", kRetry, kUnavailable, ""},
    FaultRow{FaultKind::kPgLockTimeout, "pg_lock_timeout", kRetry, kUnavailable,
             "another session holds the lock that this one waits for: pg_blocking_pids() names that session"},
    FaultRow{FaultKind::kPgInUse, "pg_in_use", kRetry, kUnavailable, ""},
    FaultRow{FaultKind::kPgStatementTimeout, "pg_statement_timeout", kRetry, kUnavailable, ""},
    FaultRow{FaultKind::kPgIdleTimeout, "pg_idle_timeout", kRetry, kUnavailable, ""},
    FaultRow{FaultKind::kPgReadOnly, "pg_read_only", kRetry, kUnavailable,
             "this server is a standby: point postgres.dsn at the primary, or add target_session_attrs=read-write"},
    FaultRow{FaultKind::kPgConnection, "pg_connection", kRetry, kUnavailable, "check the connection string and that the server is up"},
    FaultRow{FaultKind::kPgResources, "pg_resources", kRetry, kUnavailable, "the server has no connection, memory or disk left"},
    FaultRow{FaultKind::kPgMissingRow, "pg_missing_row", kPark, ExitCode::kData, ""},
    FaultRow{FaultKind::kPgConstraint, "pg_constraint", kDivide, ExitCode::kData, ""},
    FaultRow{FaultKind::kPgValue, "pg_value", kDivide, ExitCode::kData, ""},
    FaultRow{FaultKind::kPgLimit, "pg_limit", kDivide, ExitCode::kData, ""},
    FaultRow{FaultKind::kPgRaised, "pg_raised", kDivide, ExitCode::kData, ""},
    FaultRow{FaultKind::kPgRefused, "pg_refused", kStop, kRefused, "check the role, its password and its grants"},
    FaultRow{FaultKind::kPgSchema, "pg_schema", kStop, ExitCode::kConfiguration,
             "the database lacks what this release needs, or was changed by hand: see `weir migrate status`"},
    FaultRow{FaultKind::kPgOther, "pg_other", kRetryFew, kUnavailable, ""},
    FaultRow{FaultKind::kCommitInDoubt, "commit_in_doubt", kResolveDoubt, kUnavailable, ""},
    FaultRow{FaultKind::kFenced, "fenced", kResolveDoubt, kTryAgain, ""},
    FaultRow{FaultKind::kKafkaRetriable, "kafka_retriable", kRetry, kUnavailable, "check kafka.brokers and that the brokers are up"},
    FaultRow{FaultKind::kKafkaQueueFull, "kafka_queue_full", kRetry, kUnavailable, ""},
    FaultRow{FaultKind::kKafkaUnknownTopic, "kafka_unknown_topic", kStop, kUnavailable, "create it: weir topics apply"},
    FaultRow{FaultKind::kKafkaFenced, "kafka_fenced", kStop, kTryAgain, "another instance has taken over; stop one of the two"},
    FaultRow{FaultKind::kKafkaTxnAbortable, "kafka_txn_abortable", kRetry, kUnavailable, ""},
    FaultRow{FaultKind::kKafkaRefused, "kafka_refused", kStop, kRefused,
             "check the credentials under kafka.properties and the broker's ACLs"},
    FaultRow{FaultKind::kKafkaFatal, "kafka_fatal", kStop, kUnavailable, ""},
};

}  // namespace

std::span<const FaultRow> fault_table() { return kTable; }

const FaultRow& fault_row(FaultKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  WEIR_ASSERT(index < kTable.size() && kTable[index].kind == kind);
  return kTable[index];
}

std::string Fault::line() const { return advice().empty() ? message : message + " (" + std::string(advice()) + ")"; }

Fault Fault::in(std::string_view context) const {
  Fault copy = *this;
  copy.message = std::string(context) + ": " + message;
  return copy;
}

Action next_action(const Fault& fault, int tries) {
  const Action action = fault_row(fault.kind).action;
  if (action != kRetryFew) return action;
  return tries < kFewTries ? kRetry : kStop;
}

void broken_invariant(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "weir: broken invariant: %s at %s:%d (this is a bug in weir; please report it)\n", expression, file, line);
  std::fflush(stderr);
  std::_Exit(static_cast<int>(ExitCode::kBug));
}

}  // namespace weir
