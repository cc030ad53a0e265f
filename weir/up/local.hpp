// `weir up --local DIR`: a PostgreSQL and a Kafka of its own in a folder that stays, migrated and configured, for somebody who develops an
// application against weir.
#pragma once

#include "common/local/kept_servers.hpp"
#include "common/process/component.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace weir::up {

class Local {
 public:
  /// Takes the folder, starts the servers, and does what a first start needs: the migrations, the publication, keys, what ships with weir,
  /// the topics. `told` hears of each step.
  [[nodiscard]] static Result<std::unique_ptr<Local>> start(const process::Context& context, const std::string& folder,
                                                            const std::function<void(const std::string&)>& told);

  [[nodiscard]] const std::shared_ptr<supervise::Guardian>& guardian() const { return guardian_; }
  /// The configuration that the components read; written once, and the user's from then on.
  [[nodiscard]] std::string configuration() const { return (folder_.path() / "weir.yaml").string(); }
  /// What DIR/env sets for a shell, and for the components.
  [[nodiscard]] const std::map<std::string, std::string>& environment() const { return environment_; }
  /// For a person: where everything is.
  [[nodiscard]] std::string summary() const;
  [[nodiscard]] Result<void> tend() { return servers_->tend(); }
  Result<void> stop() { return servers_->stop(); }

 private:
  Local(local::KeptFolder folder, std::map<std::string, int> ports) : folder_(std::move(folder)), ports_(std::move(ports)) {}
  Result<void> prepare(const process::Context& context, const std::function<void(const std::string&)>& told);
  Result<void> create_database() const;
  Result<void> publish() const;
  Result<void> run(const std::vector<std::string>& words) const;
  Result<void> write_configuration() const;
  Result<void> write_environment();

  local::KeptFolder folder_;
  std::map<std::string, int> ports_;
  std::shared_ptr<supervise::Guardian> guardian_;
  std::unique_ptr<local::KeptServers> servers_;
  std::map<std::string, std::string> environment_;
};

}  // namespace weir::up
