// The marks that weir verify compares with the logs (weir.position_marks).
#include "common/ledger/ledger_sql.hpp"
#include "common/ledger/postgres_ledger.hpp"

namespace weir::ledger {

using postgres::Params;
using runtime::PositionMove;

namespace {
constexpr Microseconds kMarksKept = std::chrono::days{90};  // longer than logs are usually kept
}  // namespace

/// Asked at each commit, and once an hour for each partition a statement: nothing is done for a record.
Result<void> PostgresLedger::mark(std::span<const PositionMove> moves) {
  const std::chrono::nanoseconds now = age_.elapsed();
  std::vector<std::string> topics;
  std::vector<std::int64_t> partitions;
  for (const PositionMove& move : moves) {
    const auto [next, is_new] = next_marks_.try_emplace(move.partition, now);
    if (now < next->second) continue;
    next->second = now + options_.mark_every;
    topics.push_back(move.partition.topic);
    partitions.push_back(move.partition.partition);
  }
  if (topics.empty()) return {};
  Params params;
  params.add(options_.group).add_array(topics).add_array(partitions).add(options_.mark_every.count()).add(kMarksKept.count());
  WEIR_TRY(connection_->execute(kMark.name, kMark.sql, params));
  return {};
}

}  // namespace weir::ledger
