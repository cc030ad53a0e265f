// One instance of the tape within the test's own process: the real loop over the real broker and Postgres, with a backoff so small that
// thousands of refusals can be met.
#pragma once

#include "common/core/result.hpp"
#include "tests/chaos/harness/ground.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <thread>

namespace weir::chaos {

class InnerTape {
 public:
  /// Its way to Postgres leads through the proxy of that name.
  InnerTape(Ground& ground, const std::string& postgres_link, bool swallow);
  ~InnerTape() { static_cast<void>(stop()); }
  InnerTape(const InnerTape&) = delete;
  InnerTape& operator=(const InnerTape&) = delete;

  [[nodiscard]] bool ended() const { return ended_; }
  /// Asks the instance to stop and waits for it. Gives how it ended.
  Result<void> stop();

 private:
  void run(const std::string& dsn, const kafka::Settings& broker, bool swallow);

  std::atomic<bool> stopped_{false};
  std::atomic<bool> ended_{false};
  std::optional<Result<void>> outcome_;
  std::jthread thread_;
};

}  // namespace weir::chaos
