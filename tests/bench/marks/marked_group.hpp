// A group's ledger as its instance works with it: positions move with counts, and are marked when they are due.
#pragma once

#include "common/ledger/postgres_ledger.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::bench {

struct Marks {
  std::int64_t groups = 16;
  std::int64_t partitions = 16;  // of the topic that all groups read
  std::int64_t days = 90;        // for which marks are kept
};

[[nodiscard]] std::string group_name(std::int64_t number);
/// Hourly marks of all groups, hour by hour as they come in life; the youngest are an hour old.
void fill(postgres::Connection& connection, const Marks& marks);
/// A mark that is kept no longer, for each of the first `partitions`: the next mark removes it.
void add_expired(postgres::Connection& connection, const std::string& group, std::size_t partitions);

class MarkedGroup {
 public:
  /// Claims all partitions. `mark_every`: none between two marks, where each commit is to make one.
  MarkedGroup(const std::string& dsn, const std::string& group, std::int64_t partitions, Microseconds mark_every);

  /// Moves the first `partitions` by a thousand records each, counts them, and commits: the milliseconds that takes.
  double commit(std::size_t partitions);
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  ledger::PostgresLedger ledger_;
  std::vector<runtime::Claim> claims_;
};

}  // namespace weir::bench
