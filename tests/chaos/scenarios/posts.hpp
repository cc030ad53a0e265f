// Users who post actions at a steady rate, and go on with the same one until it is answered, whatever happens to the gateway.
#pragma once

#include "demo/application/simulation.hpp"
#include "demo/application/visitors.hpp"
#include "demo/witness/verify.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weir::chaos {

class Posts {
 public:
  /// `keys`: an API key for each organization.
  Posts(demo::Simulation& simulation, int gateway_port, std::map<Uuid, std::string> keys, Milliseconds pause);
  Posts(const Posts&) = delete;
  Posts& operator=(const Posts&) = delete;
  ~Posts();

  [[nodiscard]] std::int64_t answered() const { return answered_; }
  /// Ends after the post in hand is answered. Gives the accepted actions; an answer that should not have come is a Fault.
  [[nodiscard]] Result<std::vector<demo::AcceptedAction>> finish();

 private:
  void post(const std::stop_token& stop);

  demo::Simulation& simulation_;
  std::atomic<bool> given_up_{false};
  demo::Visitors visitors_;
  Milliseconds pause_;
  std::atomic<std::int64_t> answered_{0};
  std::vector<demo::AcceptedAction> accepted_;  // the thread's own until it is joined
  std::optional<Fault> fault_;                  // likewise
  std::jthread thread_;
};

}  // namespace weir::chaos
