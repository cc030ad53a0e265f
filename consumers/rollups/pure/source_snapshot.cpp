#include "consumers/rollups/pure/source_snapshot.hpp"

#include <algorithm>
#include <charconv>

namespace weir::rollups {

namespace {

constexpr std::uint64_t kEpoch = std::uint64_t{1} << 32;

/// Takes a number and the character behind it off the text.
std::optional<std::uint64_t> take_number(std::string_view& text, char behind) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.empty()) return behind == ',' ? std::optional(number) : std::nullopt;
  if (text.front() != behind) return std::nullopt;
  text.remove_prefix(1);
  return number;
}

}  // namespace

std::uint64_t widened(std::uint32_t transaction, std::uint64_t near) {
  const std::uint64_t same_epoch = (near & ~(kEpoch - 1)) | transaction;
  if (same_epoch > near && same_epoch - near > kEpoch / 2 && same_epoch >= kEpoch) return same_epoch - kEpoch;
  if (near > same_epoch && near - same_epoch > kEpoch / 2) return same_epoch + kEpoch;
  return same_epoch;
}

std::optional<SourceSnapshot> SourceSnapshot::parse(std::string_view text) {
  SourceSnapshot out;
  const auto xmin = take_number(text, ':');
  const auto xmax = xmin ? take_number(text, ':') : std::nullopt;
  if (!xmax || *xmax < *xmin) return std::nullopt;
  out.xmin_ = *xmin;
  out.xmax_ = *xmax;
  while (!text.empty()) {
    const auto running = take_number(text, ',');
    if (!running || *running < *xmin || *running >= *xmax) return std::nullopt;
    if (!out.running_.empty() && *running <= out.running_.back()) return std::nullopt;
    out.running_.push_back(*running);
  }
  return out;
}

bool SourceSnapshot::sees(std::uint64_t transaction) const {
  if (transaction < xmin_) return true;
  return transaction < xmax_ && !std::binary_search(running_.begin(), running_.end(), transaction);
}

}  // namespace weir::rollups
