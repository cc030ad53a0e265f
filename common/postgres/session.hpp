// The settings that every session of weir relies on. They are set once the session is there, and then asked for, because a pooler or a
// proxy between weir and the server (PgBouncer, Odyssey, a cloud's) may drop the settings that a client gives when it connects.
#pragma once

#include "common/postgres/connection.hpp"

namespace weir::postgres {

/// Sets time zone, form of dates, timeouts and the server's watch over the link, and asks for them in a transaction of their own. Fault
/// kConfiguration where they do not hold; where a pooler gives each transaction another session of the server, unless
/// `may_share_sessions` allows it; and where a pooler stands before a replication connection.
[[nodiscard]] Result<void> settle_session(Connection& connection, const Settings& settings);

/// Ok where libpq can read the connection string. Its own message is not repeated: it may hold the password.
[[nodiscard]] Result<void> check_dsn(const std::string& dsn);

}  // namespace weir::postgres
