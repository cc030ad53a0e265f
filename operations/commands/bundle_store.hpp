// What weir support-bundle reads from Postgres: each part a query that gives JSON without contents of records and without persons.
#pragma once

#include "common/postgres/connection.hpp"
#include "operations/commands/bundle.hpp"

namespace weir::operations {

/// Adds each part that can be had, and says what is missing.
void add_rows(Bundle& bundle, postgres::Connection& connection);
/// The same for the server whose log weir cdc reads.
void add_slots(Bundle& bundle, postgres::Connection& source);
/// Every part as missing, for one reason.
void lack_rows(Bundle& bundle, const Fault& fault);

}  // namespace weir::operations
