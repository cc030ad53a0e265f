// Hears what other sessions NOTIFY. Not thread-safe.
#pragma once

#include "common/postgres/connection.hpp"

#include <string>

namespace weir::postgres {

class Listener {
 public:
  /// A session that listens on a channel from now on.
  [[nodiscard]] static Result<Listener> open(const Settings& settings, const std::string& channel);
  /// Waits for a notice, for at most `patience`. Gives whether there was any. After a fault the session hears nothing more: open another.
  [[nodiscard]] Result<bool> wait(Milliseconds patience);

 private:
  explicit Listener(Connection connection) : connection_(std::move(connection)) {}
  Connection connection_;
};

}  // namespace weir::postgres
