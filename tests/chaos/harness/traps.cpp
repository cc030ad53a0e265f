#include "tests/chaos/harness/traps.hpp"

namespace weir::chaos {
namespace {

bool speaks_of(std::string_view text, const std::string& of) { return of.empty() || text.find(of) != std::string_view::npos; }

/// Said by a server to a session that begins.
bool is_at_start(const Refusal& refusal) { return refusal.sqlstate == "53300" || refusal.sqlstate == "57P03"; }

std::string failing_statement(const std::string& sqlstate, std::string_view in_place_of) {
  if (sqlstate == "57P01") return "SELECT pg_terminate_backend(pg_backend_pid())";
  const std::string raise = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '" + sqlstate + "', MESSAGE = 'injected'; END $$";
  // A COMMIT that fails ends its transaction.
  return in_place_of == "COMMIT" ? "ROLLBACK; " + raise : raise;
}

}  // namespace

void Traps::clear() {
  commits_.clear();
  refusals_.clear();
  stops_.clear();
}

std::optional<CommitCut> Traps::at_commit(std::string_view transaction) {
  for (CommitTrap& trap : commits_) {
    if (trap.times == 0 || !speaks_of(transaction, trap.of)) continue;
    --trap.times;
    ++(trap.when == CommitCut::kBefore ? counters.commits_cut_before : counters.commits_cut_after);
    return trap.when;
  }
  return std::nullopt;
}

std::optional<std::string> Traps::at_start() {
  for (Refusal& refusal : refusals_) {
    if (refusal.times == 0 || !is_at_start(refusal)) continue;
    --refusal.times;
    ++counters.refusals;
    return refusal.sqlstate;
  }
  return std::nullopt;
}

std::optional<std::string> Traps::at_statement(std::string_view statement, bool in_transaction) {
  if (statement == "ROLLBACK") return std::nullopt;
  for (Refusal& refusal : refusals_) {
    if (refusal.times == 0 || is_at_start(refusal) || (refusal.in_transaction && !in_transaction)) continue;
    if (!speaks_of(statement, refusal.of)) continue;
    if (refusal.after > 0) {
      --refusal.after;
      continue;
    }
    --refusal.times;
    ++counters.refusals;
    return failing_statement(refusal.sqlstate, statement);
  }
  return std::nullopt;
}

bool Traps::at_change() {
  if (stops_.empty() || --stops_.front().after > 0) return false;
  stops_.pop_front();
  ++counters.stream_stops;
  return true;
}

std::int64_t Traps::waiting() const {
  auto times = static_cast<std::int64_t>(stops_.size());
  for (const CommitTrap& trap : commits_) times += trap.times;
  for (const Refusal& refusal : refusals_) times += refusal.times;
  return times;
}

}  // namespace weir::chaos
