// The consumer group weir.insights: events in, intents out. What follows from an intent is the queue's affair (queue.hpp).
#pragma once

#include "common/runtime/consumer.hpp"

#include <string>
#include <vector>

namespace weir::insights {

/// A setting that is a row of the configuration has its default there, and none here.
struct Options {
  std::string group = "weir.insights";
  std::vector<std::string> user_rows;  // topics of tables whose rows are about a user
  std::string completions;
  std::string consents;
  std::string actions;
  std::string finals;
  Microseconds intent_delay{0};
  runtime::FlushLimits flush;
};

[[nodiscard]] runtime::Description description_of(const Options& options);

class InsightsConsumer final : public runtime::Consumer {
 public:
  explicit InsightsConsumer(Options options) : options_(std::move(options)) {}

  [[nodiscard]] runtime::Description describe() const override { return description_of(options_); }
  Result<void> prepare(postgres::Statements& connection) override;
  Result<std::vector<runtime::Outcome>> apply(std::span<const runtime::Event* const> batch, runtime::Fold* folded, runtime::Work& work,
                                              Instant now) override;
  [[nodiscard]] std::optional<Microseconds> next_wakeup() const override { return next_wakeup_; }
  Result<void> wake(runtime::Work& work, Instant now) override;

 private:
  Options options_;
  Microseconds next_wakeup_{0};
};

}  // namespace weir::insights
