// The consumer group weir.scoring: changes of submissions and completions in; scores, growth, alignments, progress and achievements out.
// Its rules are in pure/, its SQL in the stores; round, alignments and learning put the two together.
#pragma once

#include "common/runtime/consumer.hpp"
#include "consumers/scoring/round.hpp"

#include <memory>
#include <string>

namespace weir::scoring {

struct Topics {
  std::string responses = "weir.cdc.public.assessment_responses";
  std::string consents = "weir.cdc.public.consents";
  std::string members = "weir.cdc.public.project_members";
  std::string projects = "weir.cdc.public.projects";
  std::string users = "weir.cdc.public.users";
  std::string completions = "weir.cdc.public.activity_completions";
  std::string modules = "weir.cdc.public.learning_modules";
  std::string prerequisites = "weir.cdc.public.module_prerequisites";
  std::string activities = "weir.cdc.public.learning_activities";
  std::string achievements = "weir.cdc.public.achievements";
};

struct Options {
  std::string group = "weir.scoring";
  Topics topics;
  runtime::FlushLimits flush{.interval = Milliseconds{1'000}, .max_records = 5'000, .max_bytes = 32UL << 20U};
  Rules rules{share_of(0.8), std::chrono::minutes{10}};
  std::shared_ptr<const encryption::MasterKeys> masters;
};

class ScoringConsumer final : public runtime::Consumer {
 public:
  explicit ScoringConsumer(Options options) : options_(std::move(options)), keys_(options_.masters) {}

  [[nodiscard]] runtime::Description describe() const override;
  Result<void> prepare(postgres::Connection& connection) override;
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
