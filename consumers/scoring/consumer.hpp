// The consumer group weir.scoring: changes of submissions and completions in; scores, growth, alignments, progress and achievements out.
// Its rules are in pure/, its SQL in the stores; round, alignments and learning put the two together.
#pragma once

#include "common/runtime/consumer.hpp"
#include "consumers/scoring/round.hpp"

#include <memory>
#include <string>

namespace weir::scoring {

struct Topics {
  std::string responses;
  std::string consents;
  std::string members;
  std::string projects;
  std::string users;
  std::string completions;
  std::string modules;
  std::string prerequisites;
  std::string activities;
  std::string achievements;
};

/// A setting that is a row of the configuration has its default there, and none here.
struct Options {
  std::string group = "weir.scoring";
  Topics topics;
  runtime::FlushLimits flush;
  Rules rules{};
  std::shared_ptr<const encryption::MasterKeys> masters;
};

/// What the group reads; asked for without a consumer, and without keys.
[[nodiscard]] runtime::Description description_of(const Options& options);

class ScoringConsumer final : public runtime::Consumer {
 public:
  explicit ScoringConsumer(Options options) : options_(std::move(options)), keys_(options_.masters) {}

  [[nodiscard]] runtime::Description describe() const override { return description_of(options_); }
  Result<void> prepare(postgres::Statements& connection) override;
  Result<std::vector<runtime::Outcome>> apply(std::span<const runtime::Event* const> batch, runtime::Fold* folded, runtime::Work& work,
                                              Instant now) override;
  [[nodiscard]] std::optional<Microseconds> next_wakeup() const override { return next_wakeup_; }
  Result<void> wake(runtime::Work& work, Instant now) override;

 private:
  Options options_;
  InstrumentCache instruments_;
  AnswerKeys keys_;
  AnswersReader reader_;
  Microseconds next_wakeup_{0};
};

}  // namespace weir::scoring
