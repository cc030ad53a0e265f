// The rows that are due, as a consumer's store keeps them. A queue gives them out under a lease, and writes down how each attempt ended.
#pragma once

#include "common/core/result.hpp"
#include "common/delivery/job.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::delivery {

/// How many jobs are wanted. Accounts that rest, or whose calls in flight are at their limit, have room for none.
struct Wanted {
  std::string_view channel;  // a part of the queue with a limit of its own: a channel, or a provider
  std::size_t most = 0;
  Microseconds lease{0};
  std::size_t most_of_an_account = 0;       // of an account that is not named below
  std::map<std::string, std::size_t> room;  // of accounts by name
};

struct Claimed {
  std::vector<Job> jobs;
  std::optional<Microseconds> next_due_in;  // from now; none: nothing waits in this channel
  /// No job that is due was left for lack of room, so that the channel need not be asked because calls have ended.
  bool has_left_none = false;
};

/// Each consumer implements it in its store. Every call is one transaction, set-based, and is made from the deliverer's thread.
class Queue {
 public:
  Queue() = default;
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  virtual ~Queue() = default;
  /// Takes rows that are due, and rows whose lease ran out: by rank, then age, from organizations in turn, of a user no more than there are
  /// tokens. For each it raises the claim number, begins a lease and writes the attempt as unanswered, all in one transaction: a job that
  /// is given out here may be called at any moment from then on. Where that transaction's commit is in doubt the rows are lost to this
  /// claim, and come back once their lease is over.
  [[nodiscard]] virtual Result<Claimed> claim(const Wanted& wanted) = 0;
  /// Writes how attempts ended, each only where its claim number still stands, and gives how many did. A report ends its claim: after a
  /// commit in doubt the same reports are given again, and write nothing where the first commit came through. NotBegun takes the attempt
  /// back. Refunds come after the reports, and name attempts that were reported as spent: a try that was given back is not given twice,
  /// and a row that has its last report is left alone.
  [[nodiscard]] virtual Result<std::size_t> report(std::span<const Report> reports, std::span<const Refund> refunds) = 0;
};

}  // namespace weir::delivery
