// The receivers of tests/support/receivers, as a process: the other side of every provider.
#pragma once

#include "common/core/uuid.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace weir::testing {

/// False where the Python of the tests was not made; then it is said, and the test is over.
[[nodiscard]] bool has_receivers();

/// The configuration of every provider for the receivers, with short pauses.
[[nodiscard]] std::map<std::string, std::string> receivers_configuration();

class Receivers {
 public:
  /// Those of this test program, started when first asked for.
  [[nodiscard]] static Receivers& running();

  [[nodiscard]] int port(const std::string& name) const { return ports_.at(name); }
  [[nodiscard]] std::string url(const std::string& path = "") const;
  /// A file that names the authority that signed the receivers' certificates.
  [[nodiscard]] std::string authority() const { return directory_ / "authority.pem"; }
  /// What came of a message, in the order of arrival.
  [[nodiscard]] std::vector<nlohmann::json> of(const Uuid& id) const;
  [[nodiscard]] std::vector<nlohmann::json> all() const;
  /// The file in which the receivers write a line for each message that came.
  [[nodiscard]] std::filesystem::path journal() const { return directory_ / "received.jsonl"; }
  /// While a protocol's receiver is out, it answers 503 to all.
  void set_out(const std::string& protocol, bool is_out) const;

 private:
  Receivers();
  std::filesystem::path directory_;
  std::map<std::string, int> ports_;
};

}  // namespace weir::testing
