// Where a scenario takes place: a private broker and Postgres, the schema, the topics, proxies where they are asked for, and processes of
// weir. Where something cannot be had, the test ends and says what is missing.
#pragma once

#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/local/services.hpp"
#include "common/postgres/connection.hpp"
#include "demo/clients/sql_session.hpp"
#include "tests/chaos/harness/instance.hpp"
#include "tests/chaos/harness/proxy.hpp"
#include "tests/chaos/harness/report.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::chaos {

/// The topic of the harness's own events, and how the tape is called in the ledger.
inline constexpr const char* kEventsTopic = "chaos.events";
inline constexpr const char* kTapeGroup = "weir.tape";

struct GroundOptions {
  int brokers = 1;              // more than one: no links
  local::KafkaOptions kafka{};  // its advertised_ports are the ground's own
  local::PostgresOptions postgres{};
  std::vector<std::string> kafka_links{};    // names of proxies before the broker: "consumers", "cdc", …
  bool pipeline = false;                     // makes the shipped topics too, for cdc, gateway and rollups
  std::int32_t partitions = 8;               // of chaos.events
  Milliseconds session_timeout{6'000};       // of every group
  std::map<std::string, std::string> set{};  // WEIR_… variables of every component
};

struct InstanceOptions {
  std::string name{};                                // unique: "tape-1"
  std::string component{};                           // cdc, gateway, rollups or tape
  std::string kafka_link{};                          // the proxy before the broker; empty: none
  std::string postgres_link{};                       // the proxy before Postgres, which is made for a new name; empty: none
  std::map<std::string, std::string> environment{};  // beside what the ground sets; wins over it
};

class Ground {
 public:
  Ground(const Report& report, const GroundOptions& options);
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;

  [[nodiscard]] local::Services& services() { return *services_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] const std::string& dsn() const { return dsn_; }
  [[nodiscard]] kafka::Settings kafka() const;
  /// Settings of a client that goes through that proxy.
  [[nodiscard]] kafka::Settings kafka_through(const std::string& link) const;
  [[nodiscard]] std::string dsn_through(const std::string& link);
  [[nodiscard]] kafka::Admin& admin() { return *admin_; }
  [[nodiscard]] int gateway_port() const { return gateway_port_; }

  /// A proxy before the broker, of those named in the options.
  [[nodiscard]] Proxy& kafka_link(const std::string& name) const { return *kafka_links_.at(name); }
  /// A proxy before Postgres, made when it is first asked for.
  [[nodiscard]] Proxy& postgres_link(const std::string& name);

  /// A process, not started yet.
  Instance& add(const InstanceOptions& options);
  [[nodiscard]] Instance& instance(const std::string& name) { return *instances_.at(name); }
  /// Runs `weir WORDS…` to its end.
  [[nodiscard]] Result<void> weir(const std::vector<std::string>& words);

  /// A session of its own by weir's client, straight to the server: for weir's own code in a scenario.
  [[nodiscard]] Result<postgres::Connection> connect() const;
  /// The same by libpqxx: for checks.
  [[nodiscard]] Result<demo::SqlSession> sql_session() const;
  /// One number by SQL over the ground's own session, which is opened again where it was lost; none while Postgres is away.
  [[nodiscard]] std::optional<std::int64_t> try_number(const std::string& sql);
  [[nodiscard]] std::int64_t number(const std::string& sql);
  [[nodiscard]] std::string text(const std::string& sql);

  /// Waits until `holds` gives true. When `patience` is over it fails the test and shows the logs' last lines.
  void await(const std::string& what, const std::function<bool()>& holds, Milliseconds patience = Milliseconds{120'000});
  /// The ends of a topic's partitions, summed; none while the broker is away.
  [[nodiscard]] std::optional<std::int64_t> end_of(const std::string& topic);
  /// The tape's positions in a topic, summed: 0 where it has none yet; none while Postgres is away.
  [[nodiscard]] std::optional<std::int64_t> tape_position(const std::string& topic);
  /// Records of chaos.events that have not ended for the tape; none while the broker or Postgres is away.
  [[nodiscard]] std::optional<std::int64_t> tape_lag();
  [[nodiscard]] bool tape_caught_up() { return tape_lag() == 0; }
  [[nodiscard]] std::string log_tails() const;

 private:
  void start_services(const GroundOptions& options);
  void write_configuration(const GroundOptions& options) const;
  [[nodiscard]] supervise::Command command(const std::string& component) const;
  [[nodiscard]] Result<std::string> ask(const std::string& sql);

  const Report& report_;
  std::map<std::string, std::string> set_;
  std::map<std::string, std::unique_ptr<Proxy>> kafka_links_;
  std::map<std::string, std::unique_ptr<Proxy>> postgres_links_;
  std::unique_ptr<local::Services> services_;
  std::filesystem::path folder_;
  std::string dsn_;
  int gateway_port_ = 0;
  std::unique_ptr<kafka::Admin> admin_;
  std::optional<demo::SqlSession> session_;
  std::map<std::string, std::unique_ptr<Instance>> instances_;
};

}  // namespace weir::chaos
