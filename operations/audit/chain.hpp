// The chain over the audit log: how a link's hash is made, and what a walk along a chain finds. Pure.
//
//   hash    := SHA-256("weir audit 1" before organization number row_id row_time row_digest payload_digest)
//   before  := the hash of link number - 1; of link 1: 32 zero bytes
//   organization := 16 bytes        number, row_id := 8 bytes each, the highest first        digests := 32 bytes each
//   row_time     := microseconds since 1970-01-01 UTC, 8 bytes, the highest first
#pragma once

#include "common/core/digest.hpp"
#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::audit {

using Hash = std::array<std::uint8_t, 32>;

/// The hash whose hex() is exactly `text`; none where there is no such hash.
[[nodiscard]] std::optional<Hash> hash_of_hex(std::string_view text);

struct Link {
  Uuid organization;  // nil: the chain of rows without one
  std::int64_t number = 0;
  std::int64_t row_id = 0;
  Instant row_time{};
  Hash row_digest{};
  Hash payload_digest{};
};

[[nodiscard]] Hash link_hash(const Hash& before, const Link& link);

/// The end of a chain at some time, as it is written outside of the database.
struct Head {
  Uuid organization;
  std::int64_t number = 0;
  Hash hash{};
};

enum class FindingKind : std::uint8_t {
  kCutStart,        // the chain begins later than at 1, and no retention says so
  kMissing,         // links are not there, though later ones are
  kBroken,          // a link's hash does not follow from what it says and the link before
  kRemoved,         // the row is not there
  kAltered,         // the row says something else than when it was sealed
  kPayloadAltered,  // its values, address or program do
  kSwapped,         // it says what another one said
  kErasedUnlogged,  // its payload is gone and nothing in the log says so
  kCutTail,         // a head that was written outside lies beyond the chain's end
  kOtherHead,       // a head that was written outside is not the hash at its number
};
/// snake_case.
[[nodiscard]] std::string_view name_of(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::kBroken;
  Uuid organization;
  std::int64_t number = 0;
  std::optional<std::int64_t> row_id;  // none where no row is known
  std::string what;                    // one line for a person
};

/// A link as stored, and its row as it is now.
struct Seen {
  Link link;
  Hash hash{};
  bool row_there = false;
  Hash row_now{};      // digest of the row; only where it is there
  Hash payload_now{};  // likewise
  bool erased = false;
  bool erasure_logged = false;
};

/// Where retention has cut a chain, as the log itself says: links up to `number` are gone but for that one, which has `hash`.
struct Anchor {
  std::int64_t number = 0;
  Hash hash{};
};

inline constexpr std::size_t kMostFindings = 1'000;  // of one chain; whoever altered more altered all

/// Walks one chain from its first link to its last. Not thread-safe.
class ChainWalk {
 public:
  /// `anchors`: every retention that the log tells of. `heads`: those written outside, number → hash.
  ChainWalk(Uuid organization, std::vector<Anchor> anchors, std::map<std::int64_t, Hash> heads)
      : organization_(organization), anchors_(std::move(anchors)), heads_(std::move(heads)) {}
  /// In the order of numbers.
  void see(const Seen& seen);
  /// To be called once, after the last link. Findings in the order of numbers, kMostFindings at most.
  [[nodiscard]] std::vector<Finding> finish();
  /// How many findings there are beyond those.
  [[nodiscard]] std::int64_t left_out() const { return left_out_; }
  [[nodiscard]] std::int64_t first() const { return first_; }
  [[nodiscard]] const Head& head() const { return head_; }

 private:
  struct Mismatch {
    Seen seen;
    bool row = false;  // else the payload alone
  };
  void find(FindingKind kind, std::int64_t number, std::optional<std::int64_t> row_id, std::string what);
  void keep(const Seen& seen, bool row);
  void check_start(const Seen& seen);
  void check_row(const Seen& seen);
  void check_head(const Seen& seen);
  [[nodiscard]] bool is_anchor(const Seen& seen) const;

  Uuid organization_;
  std::vector<Anchor> anchors_;
  std::map<std::int64_t, Hash> heads_;
  std::int64_t first_ = 0;
  Head head_;
  std::vector<Mismatch> mismatches_;
  std::vector<Finding> findings_;
  std::int64_t left_out_ = 0;
};

}  // namespace weir::audit
