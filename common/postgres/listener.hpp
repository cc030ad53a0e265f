// Hears what other sessions NOTIFY. Not thread-safe.
#pragma once

#include "common/postgres/connection.hpp"

#include <string>
#include <vector>

namespace weir::postgres {

class Listener {
 public:
  /// A session that listens on a channel from now on.
  [[nodiscard]] static Result<Listener> open(const Settings& settings, const std::string& channel);
  /// Waits for notices, for at most `patience`. Gives what each of them says. After a fault the session hears nothing more: open another.
  [[nodiscard]] Result<std::vector<std::string>> wait(Milliseconds patience);
  /// Asks the server for an answer. A session that has died unseen is silent, and nothing else tells it from one that hears no notice.
  [[nodiscard]] Result<void> check();

 private:
  Listener(Connection connection, std::string channel) : connection_(std::move(connection)), channel_(std::move(channel)) {}
  std::vector<std::string> take_notices();

  Connection connection_;
  std::string channel_;
};

}  // namespace weir::postgres
