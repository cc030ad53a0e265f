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
    FaultRow{FaultKind::kUsage, "usage", kStop, ExitCode::kUsage},
    FaultRow{FaultKind::kConfiguration, "configuration", kStop, ExitCode::kConfiguration},
    FaultRow{FaultKind::kData, "data", kStop, ExitCode::kData},
    FaultRow{FaultKind::kGap, "gap", kStop, ExitCode::kData},
    FaultRow{FaultKind::kBug, "bug", kStop, ExitCode::kBug},
    FaultRow{FaultKind::kTimeout, "timeout", kRetry, kUnavailable},
    FaultRow{FaultKind::kCancelled, "cancelled", kStop, kTryAgain},
    FaultRow{FaultKind::kIo, "io", kRetryFew, kUnavailable},
    FaultRow{FaultKind::kPgSerialization, "pg_serialization", kRetry, kUnavailable},
    FaultRow{FaultKind::kPgLockTimeout, "pg_lock_timeout", kRetry, kUnavailable},
    FaultRow{FaultKind::kPgInUse, "pg_in_use", kRetry, kUnavailable},
    FaultRow{FaultKind::kPgStatementTimeout, "pg_statement_timeout", kRetry, kUnavailable},
    FaultRow{FaultKind::kPgIdleTimeout, "pg_idle_timeout", kRetry, kUnavailable},
    FaultRow{FaultKind::kPgReadOnly, "pg_read_only", kRetry, kUnavailable},
    FaultRow{FaultKind::kPgConnection, "pg_connection", kRetry, kUnavailable},
    FaultRow{FaultKind::kPgResources, "pg_resources", kRetry, kUnavailable},
    FaultRow{FaultKind::kPgMissingRow, "pg_missing_row", kPark, ExitCode::kData},
    FaultRow{FaultKind::kPgConstraint, "pg_constraint", kDivide, ExitCode::kData},
    FaultRow{FaultKind::kPgValue, "pg_value", kDivide, ExitCode::kData},
    FaultRow{FaultKind::kPgLimit, "pg_limit", kDivide, ExitCode::kData},
    FaultRow{FaultKind::kPgRaised, "pg_raised", kDivide, ExitCode::kData},
    FaultRow{FaultKind::kPgRefused, "pg_refused", kStop, kRefused},
    FaultRow{FaultKind::kPgSchema, "pg_schema", kStop, ExitCode::kConfiguration},
    FaultRow{FaultKind::kPgOther, "pg_other", kRetryFew, kUnavailable},
    FaultRow{FaultKind::kCommitInDoubt, "commit_in_doubt", kResolveDoubt, kUnavailable},
    FaultRow{FaultKind::kFenced, "fenced", kResolveDoubt, kTryAgain},
    FaultRow{FaultKind::kKafkaRetriable, "kafka_retriable", kRetry, kUnavailable},
    FaultRow{FaultKind::kKafkaQueueFull, "kafka_queue_full", kRetry, kUnavailable},
    FaultRow{FaultKind::kKafkaUnknownTopic, "kafka_unknown_topic", kStop, kUnavailable},
    FaultRow{FaultKind::kKafkaFenced, "kafka_fenced", kStop, kTryAgain},
    FaultRow{FaultKind::kKafkaTxnAbortable, "kafka_txn_abortable", kRetry, kUnavailable},
    FaultRow{FaultKind::kKafkaRefused, "kafka_refused", kStop, kRefused},
    FaultRow{FaultKind::kKafkaFatal, "kafka_fatal", kStop, kUnavailable},
};

}  // namespace

std::span<const FaultRow> fault_table() { return kTable; }

const FaultRow& fault_row(FaultKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  WEIR_ASSERT(index < kTable.size() && kTable[index].kind == kind);
  return kTable[index];
}

std::string Fault::line() const { return hint.empty() ? message : message + " (" + hint + ")"; }

Fault Fault::in(std::string_view context) const {
  Fault copy = *this;
  copy.message = std::string(context) + ": " + message;
  return copy;
}

void broken_invariant(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "weir: broken invariant: %s at %s:%d (this is a bug in weir; please report it)\n", expression, file, line);
  std::fflush(stderr);
  std::_Exit(static_cast<int>(ExitCode::kBug));
}

}  // namespace weir
