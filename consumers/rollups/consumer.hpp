// The consumer group weir.rollups: changes and actions in, 5-minute rows out. Its rules are in pure/, its SQL in the stores.
#pragma once

#include "common/runtime/consumer.hpp"
#include "consumers/rollups/closing.hpp"
#include "consumers/rollups/derive.hpp"
#include "consumers/rollups/digest.hpp"
#include "consumers/rollups/engagement_store.hpp"
#include "consumers/rollups/metrics_store.hpp"
#include "consumers/rollups/pure/deriving_pace.hpp"
#include "consumers/rollups/retention.hpp"

#include <string>

namespace weir::rollups {

/// A setting that is a row of the configuration has its default there, and none here.
struct Options {
  std::string group = "weir.rollups";
  SourceTopics topics;
  runtime::FlushLimits flush;
  ClosingLimits closing;
  DeriveLimits deriving;
  HealthSettings health;
  TimeLimits times;
  RetentionLimits retention;
  std::size_t fresh_rows = 64;       // from this many new rows on they are inserted, not upserted
  std::size_t cached_rows = 16'000;  // they take about 9 MB; 1,000 agents have a few thousand in open windows
};

/// What the group reads; asked for without a consumer.
[[nodiscard]] runtime::Description description_of(const Options& options);

class RollupsConsumer final : public runtime::Consumer {
 public:
  explicit RollupsConsumer(Options options);

  [[nodiscard]] runtime::Description describe() const override { return description_of(options_); }
  Result<void> prepare(postgres::Statements& connection) override;
  [[nodiscard]] std::unique_ptr<runtime::Fold> fold() const override { return std::make_unique<DigestFold>(options_.times, derives_from_); }
  Result<void> bury(std::span<const runtime::Burial> dead, runtime::Work& work, Instant now) override;
  Result<std::vector<runtime::Outcome>> apply(std::span<const runtime::Event* const> batch, runtime::Fold* folded, runtime::Work& work,
                                              Instant now) override;
  [[nodiscard]] std::optional<Microseconds> next_wakeup() const override { return next_wakeup_; }
  Result<void> wake(runtime::Work& work, Instant now) override;
  void settled(runtime::Settlement settlement) override;

  /// Rows in memory: those of open windows.
  [[nodiscard]] std::size_t cached_rows() const { return cache_.size(); }
  [[nodiscard]] const MetricsStore& metrics() const { return metrics_; }

 private:
  /// Folds the batch anew where the windows hold other values of its rows than the changes say, where letters may be out of date, or where
  /// windows do not take a change.
  Result<void> reconsider(Digest& digest, std::span<const runtime::Event* const> batch, const Progress& progress,
                          postgres::Statements& connection) const;
  /// Reads the ranges of recomputed windows, where they have changed.
  Result<void> refresh_recomputed(const Progress& progress, postgres::Statements& connection);
  Result<void> note_witnesses(std::span<const runtime::Burial> dead, postgres::Statements& connection) const;
  /// Marks the row of each window as not complete. False where Postgres refuses that.
  Result<bool> mark_windows(std::span<const WindowKey> windows, postgres::Statements& connection, Instant now);
  /// Tells repeats from new actions, and sums the new ones.
  Result<void> take_actions(Digest& digest, postgres::Statements& connection, EngagementChanges& changes) const;
  [[nodiscard]] bool is_frozen(Instant window) const { return frozen_until_ && window < *frozen_until_; }
  /// True where another step is due at once.
  Result<bool> keep_retention_if_due(postgres::Statements& connection);
  /// Adds the uptime of open windows up to the watermark.
  Result<void> fill_presence(std::span<MetricsChange> changes, runtime::Work& work) const;
  /// True where another step is due at once.
  Result<bool> derive(postgres::Statements& connection, Instant now);

  Options options_;
  ProgressStore progress_;
  Deriving deriving_;
  Microseconds next_wakeup_{0};
  bool has_closed_ = false;  // the last wake-up closed windows, so that the next one derives
  DerivingPace pace_;
  int retention_rests_ = 0;  // so many wake-ups go by before retention is tried again
  Instant derives_from_{};
  Recomputed recomputed_;  // as of generation_
  std::int64_t generation_ =
      -1;  // of weir.recomputations; -1: not read since a rollback, because numbers that were not committed come again
  MetricsStore metrics_;
  MetricsCache cache_;                      // a guess that saves a read; good only while a row's version matches
  std::vector<MetricsRow> written_;         // rows that the unit of work at hand wrote
  std::optional<Instant> closed_until_;     // as the unit of work at hand saw it
  std::optional<Instant> frozen_until_;     // likewise
  bool has_marked_ = false;                 // the unit of work at hand marked windows, so that the cache holds rows of it already
  std::unordered_set<ExecutionId> buried_;  // rows of which a change died in the unit of work at hand
};

}  // namespace weir::rollups
