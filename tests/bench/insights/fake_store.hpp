// A queue without a database: insights that are there already, whose calls cost nothing but the call.
#pragma once

#include "common/delivery/queue.hpp"
#include "consumers/insights/drafting.hpp"

namespace weir::bench {

class FakeStore final : public delivery::Queue {
 public:
  FakeStore(std::shared_ptr<const insights::ModelAccount> account, std::size_t insights);

  Result<delivery::Claimed> claim(const delivery::Wanted& wanted) override;
  Result<std::size_t> report(std::span<const delivery::Report> reports, std::span<const delivery::Refund> refunds) override;

  [[nodiscard]] std::size_t worded() const { return worded_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }

 private:
  std::shared_ptr<const insights::ModelAccount> account_;
  std::size_t left_;
  std::size_t worded_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace weir::bench
