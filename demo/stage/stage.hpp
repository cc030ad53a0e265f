// The stage of the demo: private services, the schema, the topics, an API key for each organization, and weir's components as supervised
// child processes of this same executable.
#pragma once

#include "common/config/config.hpp"
#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/kafka/client.hpp"
#include "common/kafka/embedded_broker.hpp"
#include "common/local/services.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/supervisor.hpp"
#include "demo/receivers/model_servers.hpp"
#include "demo/receivers/receivers.hpp"
#include "demo/stage/options.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::demo {

struct StageOptions {
  std::string executable;  // of weir
  int rollups = 1;         // instances
  bool gateway = true;
  BrokerChoice broker = BrokerChoice::kKafka;
  Seconds session_timeout{10};                                   // of the consumer group
  std::map<std::string, std::string> environment;                // for every child, beside what the stage sets
  std::function<void(const std::string& step)> told;             // a finished step, for a person
  std::function<void(const supervise::Transition&)> transition;  // what happened to a component
  supervise::RestartPolicy restart;
};

class Stage {
 public:
  Stage(const StageOptions& options, const Clock& clock);

  /// Postgres and Kafka, the receivers of messages, the migrations and the topics.
  Result<void> prepare();
  /// Each component as its own database role; answers when cdc streams and the gateway takes events.
  Result<void> start_components(const std::function<bool()>& stopped);
  /// Looks after the components; to be called often.
  Result<void> tend() { return supervisor_->tend(); }
  Result<void> stop_components();
  /// Leaves data and logs in place when the program ends.
  void keep() { services_->scratch().keep(); }

  [[nodiscard]] Result<postgres::Connection> connect(const std::string& application_name) const;
  [[nodiscard]] kafka::Settings kafka() const;
  /// The configuration file that the components read.
  [[nodiscard]] Result<config::Configuration> configuration(const config::Schema& schema) const;
  /// Whether the embedded broker inside this process serves in Kafka's place.
  [[nodiscard]] bool embedded() const { return embedded_ != nullptr; }
  [[nodiscard]] std::string dsn() const { return dsn_; }
  [[nodiscard]] std::filesystem::path master_key() const { return folder() / "master.key"; }
  [[nodiscard]] const Receivers& receivers() const { return *receivers_; }
  [[nodiscard]] int gateway_port() const { return gateway_port_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return services_->scratch().path(); }
  [[nodiscard]] local::Services& services() { return *services_; }
  [[nodiscard]] supervise::Supervisor& supervisor() { return *supervisor_; }
  /// The last lines of a component's log, for an error message.
  [[nodiscard]] std::string log_tail(const std::string& component) const;

 private:
  Result<void> start_services();
  /// The broker inside this process, with its limits told.
  Result<void> start_embedded_broker(const std::string& why);
  Result<void> make_topics();
  /// Makes the publication that cdc streams, which only the tables' owner may.
  Result<void> publish() const;
  [[nodiscard]] std::string bootstrap() const;
  Result<void> write_configuration() const;
  Result<void> run_command(const std::string& name, const std::vector<std::string>& words);
  Result<void> start_component(const std::string& name, const std::string& component);
  Result<void> write_targets() const;
  Result<void> await_ready(const std::string& name, const std::function<bool()>& stopped);
  Result<void> await_slot(const std::function<bool()>& stopped);
  [[nodiscard]] supervise::Command command(const std::vector<std::string>& words) const;
  void tell(const std::string& what, SteadyInstant since) const;

  StageOptions options_;
  const Clock& clock_;
  std::unique_ptr<local::Services> services_;
  std::unique_ptr<kafka::EmbeddedBroker> embedded_;  // in Kafka's place
  std::unique_ptr<Receivers> receivers_;
  std::unique_ptr<ModelServers> models_;
  std::unique_ptr<supervise::Supervisor> supervisor_;
  std::string dsn_;
  int gateway_port_ = 0;
  std::map<std::string, int> ops_ports_;
};

}  // namespace weir::demo
