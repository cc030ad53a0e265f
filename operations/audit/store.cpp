#include "operations/audit/store.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace weir::audit {

namespace {

using postgres::Params;
using postgres::Row;

constexpr std::string_view kNil = "'00000000-0000-0000-0000-000000000000'";

// What a row says for ever, and what may be erased: JSON arrays, so that no two rows have one text.
constexpr std::string_view kRowDigest =
    "sha256(convert_to(jsonb_build_array(a.table_name, a.record_id, a.operation, a.changed_fields, a.organization_id, a.user_id, a.role, "
    "a.database_role)::text, 'UTF8'))";
constexpr std::string_view kPayloadDigest =
    "sha256(convert_to(jsonb_build_array(a.salt, a.old_values, a.new_values, host(a.ip_address), a.user_agent)::text, 'UTF8'))";

Hash hash_at(const Row& row, int column) {
  const std::string bytes = row.bytes(column);
  Hash hash{};
  WEIR_ASSERT(bytes.size() == hash.size());
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

std::string_view bytes_of(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

std::string unsealed_sql(bool other_cluster) {
  // Transactions that the snapshot did not see: those that were running then, and those that began since. In another cluster it says
  // nothing, and neither do the numbers of transactions: every row is looked at once.
  const std::string_view since =
      other_cluster ? "$1::pg_snapshot IS NOT NULL"
                    : "(a.xact >= pg_snapshot_xmax($1::pg_snapshot) OR a.xact = ANY (ARRAY(SELECT pg_snapshot_xip($1::pg_snapshot)))) "
                      "AND a.xact < pg_snapshot_xmax(pg_current_snapshot())";
  // Digests of those that are taken, not of all that wait. The chain is asked for each row by its index, because Postgres may
  // answer NOT EXISTS by a hash of the whole chain at every look.
  return fmt::format(
      R"(
SELECT coalesce(a.organization_id, {}), a.id, a."timestamp", {}, {}, a.xact::text
  FROM (SELECT *
          FROM public.audit_log a
         WHERE {}
           AND (a.xact, a.id) > ($3::xid8, $4)
           AND (SELECT c.row_id FROM weir.audit_chain c WHERE c.row_id = a.id) IS NULL
         ORDER BY a.xact, a.id
         LIMIT $2) a
 ORDER BY a.xact, a.id)",
      kNil, kRowDigest, kPayloadDigest, since);
}

}  // namespace

Result<Horizon> horizon(postgres::Connection& connection) {
  const auto rows = WEIR_TRY(connection.query("audit_horizon",
                                              R"(
SELECT snapshot::text, pg_current_snapshot()::text,
       system_identifier <> (SELECT system_identifier FROM pg_control_system())
  FROM weir.audit_horizon)"));
  if (rows.size() != 1) return fail(FaultKind::kData, "weir.audit_horizon has no row", "INSERT INTO weir.audit_horizon DEFAULT VALUES");
  return Horizon{rows[0].get<std::string>(0), rows[0].get<std::string>(1), rows[0].maybe<bool>(2).value_or(false)};
}

Result<bool> lock_horizon(postgres::Connection& connection, const Horizon& read) {
  Params params;
  params.add(read.snapshot);
  return !WEIR_TRY(connection.query("audit_lock_horizon", "SELECT FROM weir.audit_horizon WHERE snapshot::text = $1 FOR UPDATE", params))
              .empty();
}

Result<std::vector<Link>> unsealed(postgres::Connection& connection, const Horizon& horizon, Place& place, std::int64_t limit) {
  Params params;
  params.add(horizon.snapshot).add(limit).add(place.xact).add(place.row_id);
  const char* name = horizon.other_cluster ? "audit_unsealed_all" : "audit_unsealed";
  const auto rows = WEIR_TRY(connection.query(name, unsealed_sql(horizon.other_cluster), params));
  std::vector<Link> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    found.push_back({row.get<Uuid>(0), 0, row.get<std::int64_t>(1), row.get<Instant>(2), hash_at(row, 3), hash_at(row, 4)});
  }
  if (!rows.empty()) place = {rows[rows.size() - 1].get<std::string>(5), found.back().row_id};
  return found;
}

Result<std::vector<Head>> heads(postgres::Connection& connection, const std::vector<Uuid>& organizations) {
  Params params;
  params.add_array(organizations);
  const auto rows = WEIR_TRY(connection.query("audit_heads",
                                              R"(
SELECT o, c.number, c.hash
  FROM unnest($1) o
  CROSS JOIN LATERAL (SELECT number, hash FROM weir.audit_chain WHERE organization_id = o ORDER BY number DESC LIMIT 1) c)",
                                              params));
  std::vector<Head> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found.push_back({rows[i].get<Uuid>(0), rows[i].get<std::int64_t>(1), hash_at(rows[i], 2)});
  }
  return found;
}

Result<void> append(postgres::Connection& connection, const std::vector<Sealed>& sealed) {
  postgres::CopyBuffer buffer;
  for (const Sealed& one : sealed) {
    buffer.begin_row(7);
    buffer.uuid(one.link.organization);
    buffer.int8(one.link.number);
    buffer.int8(one.link.row_id);
    buffer.instant(one.link.row_time);
    buffer.text(bytes_of(one.link.row_digest));
    buffer.text(bytes_of(one.link.payload_digest));
    buffer.text(bytes_of(one.hash));
  }
  WEIR_TRY(connection.copy_in(
      "COPY weir.audit_chain (organization_id, number, row_id, row_time, row_digest, payload_digest, hash) FROM STDIN (FORMAT binary)",
      buffer));
  return {};
}

Result<void> write_heads(postgres::Connection& connection, const std::vector<Head>& heads) {
  std::vector<Uuid> organizations;
  std::vector<std::int64_t> numbers;
  std::vector<std::string> hashes;
  for (const Head& head : heads) {
    organizations.push_back(head.organization);
    numbers.push_back(head.number);
    hashes.push_back(hex(head.hash));
  }
  Params params;
  params.add_array(organizations).add_array(numbers).add_array(hashes);
  WEIR_TRY(connection.execute("audit_write_heads",
                              R"(
INSERT INTO weir.audit_heads (organization_id, number, hash)
SELECT *
  FROM unnest($1, $2, $3)
ON CONFLICT (organization_id) DO UPDATE SET number = excluded.number, hash = excluded.hash,
       sealed_at = excluded.sealed_at)",
                              params));
  return {};
}

Result<void> move_horizon(postgres::Connection& connection, const Horizon& horizon) {
  Params params;
  params.add(horizon.now);
  WEIR_TRY(connection.execute("audit_move_horizon",
                              R"(
UPDATE weir.audit_horizon
   SET snapshot = $1::pg_snapshot, system_identifier = (SELECT system_identifier FROM pg_control_system()))",
                              params));
  return {};
}

Result<bool> try_become_sealer(postgres::Connection& connection) {
  const auto rows = WEIR_TRY(connection.query("audit_become_sealer", "SELECT pg_try_advisory_lock(hashtextextended('weir.sealer', 0))"));
  return rows[0].get<bool>(0);
}

Result<std::int64_t> make_partitions(postgres::Connection& connection) {
  return WEIR_TRY(connection.query("audit_make_partitions", "SELECT weir.make_partitions_ahead()"))[0].get<std::int64_t>(0);
}

Result<std::vector<Uuid>> chains(postgres::Connection& connection) {
  // From one chain to the next by the index: a chain has more links than there are chains.
  const auto rows = WEIR_TRY(connection.query("audit_chains",
                                              R"(
WITH RECURSIVE o (id) AS (
  (SELECT organization_id FROM weir.audit_chain ORDER BY organization_id LIMIT 1)
   UNION ALL
  SELECT (SELECT organization_id FROM weir.audit_chain WHERE organization_id > o.id ORDER BY organization_id LIMIT 1)
    FROM o
   WHERE o.id IS NOT NULL)
SELECT id
  FROM o
 WHERE id IS NOT NULL)"));
  std::vector<Uuid> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(rows[i].get<Uuid>(0));
  return found;
}

Result<std::vector<Anchor>> anchors(postgres::Connection& connection, const Uuid& organization) {
  Params params;
  params.add(organization);
  const auto rows = WEIR_TRY(connection.query("audit_anchors",
                                              fmt::format(R"(
SELECT a.new_values ->> 'number', a.new_values ->> 'hash'
  FROM public.audit_log a
 WHERE a.table_name = 'public.audit_log' AND a.operation = 'RETAIN' AND coalesce(a.organization_id, {}) = $1)",
                                                          kNil),
                                              params));
  std::vector<Anchor> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    // Whoever altered the log may have written anything here.
    const auto hash = hash_of_hex(rows[i].text(1));
    const std::string_view text = rows[i].text(0);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (hash && error == std::errc{} && end == text.data() + text.size()) found.push_back({number, *hash});
  }
  return found;
}

Result<std::vector<Seen>> links(postgres::Connection& connection, const Uuid& organization, std::int64_t after, std::int64_t limit) {
  Params params;
  params.add(organization).add(after).add(limit);
  const auto rows = WEIR_TRY(connection.query("audit_links",
                                              fmt::format(R"(
SELECT c.number, c.row_id, c.row_digest, c.payload_digest, c.hash, a.id IS NOT NULL, {}, {},
       a.payload_erased_at IS NOT NULL,
       EXISTS (SELECT
                 FROM public.audit_log e
                WHERE e.table_name = 'public.audit_log' AND e.record_id = c.row_id::text AND e.operation = 'ERASE'),
       c.row_time
  FROM weir.audit_chain c
  LEFT JOIN public.audit_log a ON a."timestamp" = c.row_time AND a.id = c.row_id
 WHERE c.organization_id = $1 AND c.number > $2
 ORDER BY c.number
 LIMIT $3)",
                                                          kRowDigest, kPayloadDigest),
                                              params));
  std::vector<Seen> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    Seen seen;
    seen.link = {organization, row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<Instant>(10), hash_at(row, 2), hash_at(row, 3)};
    seen.hash = hash_at(row, 4);
    seen.row_there = row.get<bool>(5);
    if (seen.row_there) {
      seen.row_now = hash_at(row, 6);
      seen.payload_now = hash_at(row, 7);
      seen.erased = row.get<bool>(8);
      seen.erasure_logged = row.get<bool>(9);
    }
    found.push_back(seen);
  }
  return found;
}

Result<bool> under_legal_hold(postgres::Connection& connection, const Uuid& organization) {
  Params params;
  params.add(organization);
  const auto rows = WEIR_TRY(connection.query("audit_legal_hold", "SELECT legal_hold FROM public.organizations WHERE id = $1", params));
  return !rows.empty() && rows[0].get<bool>(0);
}

Result<std::int64_t> retain(postgres::Connection& connection, const Uuid& organization, Instant before, const std::string& reason) {
  Params params;
  params.add(organization).add(before).add(reason);
  const auto rows =
      WEIR_TRY(connection.query("audit_retain", fmt::format("SELECT weir.audit_retain(nullif($1, {}), $2, $3)", kNil), params));
  return rows[0].get<std::int64_t>(0);
}

Result<std::int64_t> erase(postgres::Connection& connection, const Uuid& organization, const std::vector<std::int64_t>& ids,
                           const std::string& reason) {
  Params params;
  params.add(organization).add_array(ids).add(reason);
  const auto rows = WEIR_TRY(connection.query("audit_erase", fmt::format("SELECT weir.audit_erase(nullif($1, {}), $2, $3)", kNil), params));
  return rows[0].get<std::int64_t>(0);
}

Result<Waiting> waiting(postgres::Connection& connection, const std::optional<Uuid>& organization) {
  Params params;
  params.add(organization);
  const auto rows = WEIR_TRY(connection.query("audit_waiting",
                                              fmt::format(
                                                  R"(
SELECT count(*), min(a."timestamp")
  FROM public.audit_log a
 WHERE ($1::uuid IS NULL OR coalesce(a.organization_id, {}) = $1)
   AND NOT EXISTS (SELECT FROM weir.audit_chain c WHERE c.row_id = a.id))",
                                                  kNil),
                                              params));
  return Waiting{rows[0].get<std::int64_t>(0), rows[0].maybe<Instant>(1)};
}

}  // namespace weir::audit
