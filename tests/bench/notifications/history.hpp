// Messages of the past, so that a bench finds the ledger as it is after a month of work.
#pragma once

#include "common/postgres/connection.hpp"
#include "tests/bench/notifications/load.hpp"

namespace weir::bench {

/// Writes as many messages of the last 30 days as the site wants, each with its key and its attempt. Says on stderr how long it took.
void make_history(postgres::Connection& owner, const Site& site);

}  // namespace weir::bench
