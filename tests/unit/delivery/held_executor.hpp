// An executor for tests. The test says when work is carried out, and later when the executor is not busy any more. Between the two a
// transaction has committed, and its answer is still on its way.
#pragma once

#include "common/core/result.hpp"
#include "common/delivery/executor.hpp"

#include <utility>

namespace weir::testing {

class HeldExecutor final : public delivery::Executor {
 public:
  void begin(std::function<void()> work) override {
    WEIR_ASSERT(!is_busy());
    work_ = std::move(work);
    is_busy_ = true;
  }
  [[nodiscard]] bool is_busy() const override { return is_busy_; }
  /// Ends the process: work that was not carried out by now never is.
  void finish() override {
    work_ = nullptr;
    is_busy_ = false;
  }

  void carry_out() {
    if (work_) std::exchange(work_, nullptr)();
  }
  void hand_back() {
    carry_out();
    is_busy_ = false;
  }

 private:
  std::function<void()> work_;
  bool is_busy_ = false;
};

/// The executors of one deliverer.
struct HeldExecutors {
  HeldExecutor claims;
  HeldExecutor reports;
  [[nodiscard]] delivery::Executors both() { return {&claims, &reports}; }
};

}  // namespace weir::testing
