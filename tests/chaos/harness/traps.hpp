// The traps of a proxy: each waits for something in the traffic, hurts the link there, goes off as often as it was set, and counts its
// hits.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::chaos {

enum class Direction : std::uint8_t {
  kUpstream,    // from the client to the server
  kDownstream,  // from the server to the client
};

/// The two ways in which a client is left in doubt of its COMMIT.
enum class CommitCut : std::uint8_t {
  kBefore,  // the connection is reset, and COMMIT did not go through
  kAfter,   // COMMIT went through and was answered; the answer is swallowed and the connection reset
};

struct CommitTrap {
  CommitCut when = CommitCut::kBefore;
  int times = 1;
  std::string of{};  // only a transaction in which a statement with this text or name ran; empty: any transaction
};

/// A statement that the real server refuses: the proxy replaces the client's statement by a statement that fails with the SQLSTATE, so that
/// the transaction has failed on both sides. 57P01 ends the backend (pg_terminate_backend); 53300 and 57P03 are answered to a session that
/// begins, which is where a server says them.
struct Refusal {
  std::string sqlstate;
  int times = 1;
  int after = 0;                // this many matching statements go through first
  bool in_transaction = false;  // only inside an open transaction
  std::string of{};             // only a statement with this text or name; empty: any but ROLLBACK
};

/// A stream of logical replication ends behind the message of a change (a begin, a row, a commit, …; a keepalive is none) that is the
/// `after`-th from when the trap was set, or from when the trap set before it went off: what it closes got so many and not one more.
struct StreamStop {
  int after = 1;
};

struct Counters {
  std::int64_t links = 0;  // links that were accepted
  std::int64_t bytes = 0;  // bytes that went through, in both directions
  std::int64_t swallowed_bytes = 0;
  std::int64_t resets = 0;  // links that the proxy reset, for whatever cause
  std::int64_t byte_cuts = 0;
  std::int64_t commits = 0;  // commits that went through and were answered
  std::int64_t commits_cut_before = 0;
  std::int64_t commits_cut_after = 0;
  std::int64_t refusals = 0;
  std::int64_t stream_stops = 0;
  std::int64_t ended_in_transaction = 0;  // links that the client left (it was killed, say) in an open transaction
};

class Traps {
 public:
  void set(CommitTrap trap) { commits_.push_back(std::move(trap)); }
  void set(Refusal refusal) { refusals_.push_back(std::move(refusal)); }
  void set(StreamStop stop) { stops_.push_back(stop); }
  void clear();

  /// `transaction`: names and texts of the statements that ran in it.
  [[nodiscard]] std::optional<CommitCut> at_commit(std::string_view transaction);
  /// The SQLSTATE with which a session that begins is refused.
  [[nodiscard]] std::optional<std::string> at_start();
  /// The statement that is sent in place of the client's.
  [[nodiscard]] std::optional<std::string> at_statement(std::string_view statement, bool in_transaction);
  /// A change went through: whether the stream ends behind it.
  [[nodiscard]] bool at_change();
  /// How many of the traps that were set have not gone off yet.
  [[nodiscard]] std::int64_t waiting() const;

  Counters counters;

 private:
  std::vector<CommitTrap> commits_;
  std::vector<Refusal> refusals_;
  std::deque<StreamStop> stops_;
};

}  // namespace weir::chaos
