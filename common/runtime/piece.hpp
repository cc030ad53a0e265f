// Events that are settled together: in one transaction, with the positions behind them.
#pragma once

#include "common/runtime/holdings.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace weir::runtime {

struct Piece {
  std::vector<Incoming> events;
  std::vector<std::shared_ptr<const void>> memory;  // owns the bytes of the events' records; a letter owns its own
  std::unique_ptr<Fold> fold;                       // of the first `folded` events
  std::size_t folded = 0;                           // means nothing without a fold
  bool of_letters = false;                          // the events are letters that are tried again, not records of the log
  bool any_parked = false;                          // some events were parked, so that others may have to wait behind them

  /// Folds what is not folded yet.
  void fold_rest(const Consumer& consumer);
  /// Drops the events of partitions for which `gone` holds; a fold that held some of them is made anew.
  void forget(const std::function<bool(PartitionSlot)>& gone);
  /// How many events have not ended yet.
  [[nodiscard]] std::size_t live() const;
  /// The first event that has not ended; there must be one.
  [[nodiscard]] Incoming& first_live();
  /// Gives away the second half of the events that have not ended.
  [[nodiscard]] Piece divide();
  /// The dead letters of the piece that the consumer did not decide upon.
  [[nodiscard]] std::vector<Burial> burials() const;
  /// The events that the consumer decides upon, in order.
  [[nodiscard]] std::vector<const Event*> batch() const;
  /// How each event ends, with the consumer's answers for the batch.
  [[nodiscard]] std::vector<End> ends(std::vector<Outcome> of_batch) const;
};

}  // namespace weir::runtime
