// A loopback proxy before Postgres that can lose a COMMIT on its way there, or its answer on the way back: the only two ways in which a
// client is left in doubt.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {

class SeveringProxy {
 public:
  enum class Sever : int { kNothing, kCommitRequest, kCommitAnswer };

  explicit SeveringProxy(int postgres_port);
  ~SeveringProxy();
  SeveringProxy(const SeveringProxy&) = delete;
  SeveringProxy& operator=(const SeveringProxy&) = delete;

  [[nodiscard]] int port() const { return port_; }
  /// The next COMMIT that comes by is severed; after it the proxy passes everything again.
  void sever_next(Sever what) { sever_ = what; }
  [[nodiscard]] bool has_severed() const { return sever_ == Sever::kNothing; }

 private:
  void accept_all(const std::stop_token& stop);
  void relay(const std::stop_token& stop, int client);

  int postgres_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<Sever> sever_{Sever::kNothing};
  std::vector<std::jthread> relays_;
  std::jthread accepting_;
};

}  // namespace weir::testing
