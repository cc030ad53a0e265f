// The SQL of the audit log and its chain. Digests are made by Postgres over its own text forms, by the same expression when a row is sealed
// and when it is verified; hashes are made here.
#pragma once

#include "common/core/time.hpp"
#include "common/postgres/connection.hpp"
#include "operations/audit/chain.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::audit {

/// How far the chain has come.
struct Horizon {
  std::string snapshot;        // every row that it sees is sealed
  std::string now;             // the server's, taken before rows are looked for
  bool other_cluster = false;  // transactions are counted anew since it was written: a restored dump
};

/// The last row that was taken, where one look at the log is taken in several pieces.
struct Place {
  std::string xact = "0";
  std::int64_t row_id = 0;
};

[[nodiscard]] Result<Horizon> horizon(postgres::Connection& connection);
/// Within a transaction, which holds the row that says so until its end: whether it is as it was read. If not, somebody else seals.
[[nodiscard]] Result<bool> lock_horizon(postgres::Connection& connection, const Horizon& read);
/// Committed rows that are not chained, as links without number, in the order of their transactions, `limit` at most. `place` moves on.
[[nodiscard]] Result<std::vector<Link>> unsealed(postgres::Connection& connection, const Horizon& horizon, Place& place,
                                                 std::int64_t limit);
/// The last link of each of these chains that has one.
[[nodiscard]] Result<std::vector<Head>> heads(postgres::Connection& connection, const std::vector<Uuid>& organizations);

struct Sealed {
  Link link;
  Hash hash{};
};
[[nodiscard]] Result<void> append(postgres::Connection& connection, const std::vector<Sealed>& sealed);
/// The ends of these chains, where weir cdc publishes them from.
[[nodiscard]] Result<void> write_heads(postgres::Connection& connection, const std::vector<Head>& heads);
/// Everything that `horizon.now` sees is sealed.
[[nodiscard]] Result<void> move_horizon(postgres::Connection& connection, const Horizon& horizon);

/// One sealer at a time: held by the session until it ends.
[[nodiscard]] Result<bool> try_become_sealer(postgres::Connection& connection);
/// Monthly partitions of this month and the next two; how many were made.
[[nodiscard]] Result<std::int64_t> make_partitions(postgres::Connection& connection);

[[nodiscard]] Result<std::vector<Uuid>> chains(postgres::Connection& connection);
[[nodiscard]] Result<std::vector<Anchor>> anchors(postgres::Connection& connection, const Uuid& organization);
/// Links above `after` with their rows as they are now, `limit` at most.
[[nodiscard]] Result<std::vector<Seen>> links(postgres::Connection& connection, const Uuid& organization, std::int64_t after,
                                              std::int64_t limit);

/// Whether nothing of the organization may be removed. Nil, which is none: no.
[[nodiscard]] Result<bool> under_legal_hold(postgres::Connection& connection, const Uuid& organization);
/// Removes what is older than `before` from the start of a chain (nil: of the rows without an organization); how many rows.
[[nodiscard]] Result<std::int64_t> retain(postgres::Connection& connection, const Uuid& organization, Instant before,
                                          const std::string& reason);
/// Erases the payloads of sealed rows of the organization (nil: of the rows without one); how many.
[[nodiscard]] Result<std::int64_t> erase(postgres::Connection& connection, const Uuid& organization, const std::vector<std::int64_t>& rows,
                                         const std::string& reason);

struct Waiting {
  std::int64_t rows = 0;
  std::optional<Instant> oldest;
};
/// Rows that are not chained yet, of one organization or of all.
[[nodiscard]] Result<Waiting> waiting(postgres::Connection& connection, const std::optional<Uuid>& organization);

}  // namespace weir::audit
