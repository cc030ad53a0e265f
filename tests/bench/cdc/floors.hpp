// What the two sides of weir cdc give to whoever does only that side: bare pgoutput without a record made of it, and a bare transactional
// producer that is handed the finished records.
#pragma once

#include "common/kafka/admin.hpp"
#include "tests/bench/cdc/source.hpp"
#include "tests/bench/support/percentiles.hpp"

namespace weir::bench {

struct Measured {
  double seconds = 0;
  double own_cpu = 0;     // of this process
  double server_cpu = 0;  // of the walsender, or of the broker
};

/// Reads so many changes from `slot` over libpq, to the end of their transaction, and looks at nothing but their kind.
[[nodiscard]] Measured read_bare(Source& source, const std::string& slot, std::int64_t changes);

/// The records as they are, keys and values, to a new topic of as many partitions, in transactions of `records_a_transaction`.
[[nodiscard]] Measured produce_bare(const kafka::Settings& settings, const std::vector<kafka::StoredRecord>& records,
                                    std::int32_t partitions, std::size_t records_a_transaction);

/// Adds to `milliseconds` how long transactions of five of the records take, one after the other, from begin to the commit's answer.
void time_transactions(const kafka::Settings& settings, const std::vector<kafka::StoredRecord>& records, std::int32_t partitions, int count,
                       Percentiles& milliseconds);

}  // namespace weir::bench
