// What a snapshot of a source database sees of its transactions, as pg_current_snapshot() tells: "xmin:xmax:running,running,…", in numbers
// of 64 bits. A change tells its transaction in 32 bits, which come again after 2³² transactions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace weir::rollups {

/// The number of 64 bits nearest to `near` whose lower half is `transaction`: at most 2³¹ away.
[[nodiscard]] std::uint64_t widened(std::uint32_t transaction, std::uint64_t near);

class SourceSnapshot {
 public:
  /// None where the text is not of the form above.
  [[nodiscard]] static std::optional<SourceSnapshot> parse(std::string_view text);

  /// Whether the snapshot sees a transaction. A transaction that has committed may be unseen, because its commit waits for a standby.
  [[nodiscard]] bool sees(std::uint64_t transaction) const;
  [[nodiscard]] bool sees(std::uint32_t transaction) const { return sees(widened(transaction, xmax_)); }
  /// Whether all transactions that began before `transaction` had ended, and the snapshot sees those of them that committed.
  [[nodiscard]] bool sees_all_before(std::uint64_t transaction) const { return xmin_ >= transaction; }
  friend bool operator==(const SourceSnapshot&, const SourceSnapshot&) = default;

 private:
  std::uint64_t xmin_ = 0;              // those before it have ended
  std::uint64_t xmax_ = 0;              // those from here on had not ended
  std::vector<std::uint64_t> running_;  // of those between, ascending
};

}  // namespace weir::rollups
