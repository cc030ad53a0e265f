#include "tests/bench/insights/fake_store.hpp"

#include <algorithm>

namespace weir::bench {

FakeStore::FakeStore(std::shared_ptr<const insights::ModelAccount> account, std::size_t insights)
    : account_(std::move(account)), left_(insights) {}

Result<delivery::Claimed> FakeStore::claim(const delivery::Wanted& wanted) {
  const auto room = wanted.room.find(account_->name);
  const std::size_t most = std::min({wanted.most, left_, room == wanted.room.end() ? wanted.most_of_an_account : room->second});
  delivery::Claimed claimed;
  for (std::size_t i = 0; i < most; ++i) {
    const insights::Finding finding{.pattern = "engagement_drop",
                                    .kind = insights::Kind::kEngagement,
                                    .classed = "below_half",
                                    .confidence = 0.9,
                                    .evidence = {Uuid::random()},
                                    .facts = {{"usual", 10.0}, {"lately", 1.0}, {"percent", std::int64_t{10}}}};
    delivery::Job job;
    job.id = Uuid::random();
    job.claim = 1;
    job.provider = account_->provider;
    job.account = account_->name;
    job.message =
        std::make_unique<insights::Outgoing>(account_, insights::Prompt(finding, "en", insights::KnownNames{}), insights::make_nonce());
    claimed.jobs.push_back(std::move(job));
  }
  left_ -= most;
  return claimed;
}

Result<std::size_t> FakeStore::report(std::span<const delivery::Report> reports, std::span<const delivery::Refund>) {
  for (const delivery::Report& report : reports) ++(std::holds_alternative<delivery::Accepted>(report.verdict) ? worded_ : failed_);
  return reports.size();
}

}  // namespace weir::bench
