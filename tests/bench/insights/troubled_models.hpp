// Both providers of models on loopback, as troubled as a script says. Two threads serve any number of calls, so that a provider with a
// thousand calls in flight costs the machine of the bench little, and how much it costs, and how late it is itself, is counted.
#pragma once

#include "common/http/server.hpp"
#include "demo/receivers/model_servers.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::bench {

class TroubledModels {
 public:
  explicit TroubledModels(demo::ModelServers::Script script);
  ~TroubledModels();
  TroubledModels(const TroubledModels&) = delete;
  TroubledModels& operator=(const TroubledModels&) = delete;

  [[nodiscard]] std::string url() const;
  /// How much later than the script said the latest answer was given.
  [[nodiscard]] Microseconds latest() const;

 private:
  struct Owed {
    demo::ModelRequest request;
    demo::ModelBehaviour behaviour;
    http::Responder respond;
  };
  void take(const http::Request& raw, http::Responder respond);
  void answer();

  SystemClock clock_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  bool is_over_ = false;
  demo::ModelServers::Script script_;
  std::uint64_t calls_ = 0;
  std::multimap<SteadyInstant, Owed> owed_;
  std::vector<http::Responder> silent_;  // that get no answer as long as the server lives
  Microseconds latest_{0};
  std::unique_ptr<http::Server> server_;
  std::thread answering_;
};

}  // namespace weir::bench
