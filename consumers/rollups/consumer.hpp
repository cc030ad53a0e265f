// The consumer group weir.rollups: changes and actions in, 5-minute rows out. Its rules are in pure/, its SQL in the stores.
#pragma once

#include "common/runtime/consumer.hpp"
#include "consumers/rollups/closing.hpp"
#include "consumers/rollups/digest.hpp"
#include "consumers/rollups/engagement_store.hpp"
#include "consumers/rollups/metrics_store.hpp"

#include <string>

namespace weir::rollups {

struct Topics {
  std::string executions = "weir.cdc.public.agent_executions";
  std::string agents = "weir.cdc.public.agent_instances";
  std::string tasks = "weir.cdc.public.agent_task_queue";
  std::string actions = "weir.actions.v1";
};

struct Options {
  std::string group = "weir.rollups";
  Topics topics;
  runtime::FlushLimits flush;
  ClosingLimits closing;
  TimeLimits times;
  std::size_t fresh_rows = 64;       // from this many on new rows are inserted, not upserted
  std::size_t cached_rows = 16'000;  // which take about 9 MB; of 1,000 agents a few thousand are of open windows
};

class RollupsConsumer final : public runtime::Consumer {
 public:
  explicit RollupsConsumer(Options options) : options_(std::move(options)), metrics_(options_.fresh_rows), cache_(options_.cached_rows) {}

  [[nodiscard]] runtime::Description describe() const override;
  Result<void> prepare(postgres::Connection& connection) override;
  [[nodiscard]] std::unique_ptr<runtime::Fold> fold() const override { return std::make_unique<DigestFold>(); }
  Result<std::vector<runtime::Outcome>> apply(std::span<const runtime::Event* const> batch, runtime::Fold* folded,
                                              runtime::UnitOfWork& work, Instant now) override;
  [[nodiscard]] std::optional<Microseconds> next_wakeup() const override { return next_wakeup_; }
  Result<void> wake(runtime::UnitOfWork& work, Instant now) override;
  void settled(runtime::Settlement settlement) override;

  /// Rows in memory: those of open windows.
  [[nodiscard]] std::size_t cached_rows() const { return cache_.size(); }
  [[nodiscard]] const MetricsStore& metrics() const { return metrics_; }

 private:
  /// Tells repeats from new actions, and sums the new ones.
  Result<void> take_actions(Digest& digest, postgres::Connection& connection, EngagementChanges& changes) const;
  /// Uptime of open windows up to the watermark.
  Result<void> fill_presence(std::span<MetricsChange> changes, runtime::UnitOfWork& work) const;

  Options options_;
  Microseconds next_wakeup_{0};
  MetricsStore metrics_;
  MetricsCache cache_;                   // good only while a row's version matches: a guess that saves a reading
  std::vector<MetricsRow> written_;      // by the unit of work that is not settled yet
  std::optional<Instant> closed_until_;  // as that unit of work saw it
};

}  // namespace weir::rollups
