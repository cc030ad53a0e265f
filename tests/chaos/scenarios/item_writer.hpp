// Transactions of an application over the table of a Capture, of every kind that a decoder treats in its own way. Rows are made with
// growing ids; each function gives one transaction that may be written once.
#pragma once

#include "tests/chaos/scenarios/capture.hpp"

#include <functional>
#include <random>

namespace weir::chaos {

class ItemWriter {
 public:
  using Write = std::function<void(Capture&)>;

  Write insert(int rows);
  /// By COPY: rows of one page share a position.
  Write copy(int rows);
  /// Updates of keys: each is a delete, its tombstone and an insert with one position.
  Write move_keys(int rows);
  /// Inserts values that Postgres stores apart (TOAST), then makes updates that leave them as they are.
  Write insert_large(int rows);
  Write touch_large(int rows);
  Write remove(int rows);
  Write truncate();
  /// Inserts below savepoints of which every other is rolled back, after a whole transaction that was rolled back.
  Write in_pieces(int pieces);
  /// Any of the transactions above.
  Write any(std::mt19937_64& dice);

 private:
  std::int64_t next_ = 1;
};

}  // namespace weir::chaos
