// A window: which one an instant falls into, and the sums of what happened in it. Aggregates form a commutative group, except for peaks,
// which remember the highest value ever seen. So any order and any split of the same contributions give the same aggregate.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "consumers/rollups/pure/sketch.hpp"

#include <cstdint>
#include <optional>

namespace weir::rollups {

constexpr Microseconds kWindowLength = std::chrono::minutes{5};

/// The start of the window that holds `at`: windows are aligned to the epoch and hold [start, start + kWindowLength).
[[nodiscard]] Instant window_of(Instant at);
/// The first window start at or after `at`.
[[nodiscard]] Instant window_from(Instant at);
/// Whether a window ends by `closed_until`, up to where windows are final; none: no window is.
[[nodiscard]] bool is_closed(Instant window, const std::optional<Instant>& closed_until);

struct WindowKey {
  OrganizationId organization;
  AgentId agent;
  Instant start{};
  friend auto operator<=>(const WindowKey&, const WindowKey&) = default;  // the primary key's order
};
struct WindowKeyHash {
  [[nodiscard]] std::size_t operator()(const WindowKey& key) const;
};

enum class Ending : std::uint8_t { kCompleted, kFailed, kCancelled };

/// What one ended execution adds to its window. Samples are integers in 10⁻⁹ of their column's unit.
struct Contribution {
  WindowKey key;
  Ending ending = Ending::kCompleted;
  std::optional<std::int64_t> execution_time;  // of completed and failed ones: 10⁻⁹ ms
  std::optional<std::int64_t> memory;
  std::optional<std::int64_t> cpu;
  std::optional<std::int64_t> quality;
  std::optional<std::int64_t> confidence;
  std::optional<std::int64_t> rating;
  friend bool operator==(const Contribution&, const Contribution&) = default;
};

/// Number and exact sum of samples.
struct Measure {
  std::int64_t count = 0;
  __int128 sum = 0;
  void add(const std::optional<std::int64_t>& sample, int sign);
  void merge(const Measure& other);
  /// The mean in the column's unit; none without samples.
  [[nodiscard]] std::optional<double> mean() const;
  friend bool operator==(const Measure&, const Measure&) = default;
};

/// The highest value that ever came in or went out, and how many samples have this value. Once no sample has it any more, the true peak is
/// lower, and the value is an upper bound until the window is recomputed from its source.
struct Peak {
  std::optional<std::int64_t> value;
  std::int64_t samples = 0;
  void add(const std::optional<std::int64_t>& sample, int sign);
  void merge(const Peak& other);
  friend bool operator==(const Peak&, const Peak&) = default;
};

struct Aggregate {
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;
  Measure execution_time;
  Measure memory;
  Measure cpu;
  Measure quality;
  Measure confidence;
  Measure rating;
  Peak memory_peak;
  Peak cpu_peak;
  Sketch execution_times;

  /// sign: 1 adds, −1 takes out.
  void add(const Contribution& contribution, int sign);
  void merge(const Aggregate& other);
  [[nodiscard]] std::int64_t total() const { return completed + failed + cancelled; }
  friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

/// The columns that follow from an aggregate; null where there is nothing to say.
struct Figures {
  std::optional<double> success_rate;
  std::optional<double> error_rate;
  double throughput_per_minute = 0;
  double throughput_per_hour = 0;
  std::optional<double> peak_memory_mb;
  std::optional<double> peak_cpu_percent;
  bool peak_is_upper_bound = false;
};
[[nodiscard]] Figures figures_of(const Aggregate& aggregate);

/// 100·part/whole; none where the whole is not positive or the share falls outside 0–100.
[[nodiscard]] std::optional<double> percent_of(std::int64_t part, std::int64_t whole);

}  // namespace weir::rollups
