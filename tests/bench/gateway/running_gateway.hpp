// What stands before a load of events: a private Kafka and Postgres, one organization with one API key, and `weir gateway` as a process.
#pragma once

#include "common/kafka/admin.hpp"
#include "common/local/services.hpp"
#include "common/supervise/process.hpp"

#include <memory>
#include <string>

namespace weir::bench {

inline constexpr std::int32_t kActionPartitions = 6;  // as schemas/topics.yaml has it

class RunningGateway {
 public:
  /// Ends the program where anything of it does not start.
  explicit RunningGateway(const std::string& executable);

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] pid_t id() const { return process_.id(); }
  [[nodiscard]] pid_t broker_id() { return services_->kafka().id(); }
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] kafka::Settings kafka() const;
  [[nodiscard]] local::Services& services() { return *services_; }
  /// A new topic as the gateway's own.
  void make_topic(const std::string& name);
  /// How many records the topic holds.
  [[nodiscard]] std::int64_t records(const std::string& topic);

 private:
  void prepare_database();
  void serve(const std::string& executable);

  std::unique_ptr<local::Services> services_;
  std::unique_ptr<kafka::Admin> admin_;
  std::string key_;
  int port_ = 0;
  supervise::Process process_;
};

inline constexpr const char* kActionTopic = "weir.actions.v1";

}  // namespace weir::bench
