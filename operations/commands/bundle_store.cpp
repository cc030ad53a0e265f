#include "operations/commands/bundle_store.hpp"

#include "common/cli/view.hpp"

#include <array>
#include <string>
#include <string_view>

namespace weir::operations {

namespace {

struct Part {
  std::string_view file;
  std::string_view statement;
  std::string_view rows;  // its rows become an array of objects
};

constexpr Part kSlots{"slots.json", "bundle_slots", R"(
SELECT slot_name, plugin, database, active, wal_status, restart_lsn::text, confirmed_flush_lsn::text,
       CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) END AS retained_bytes
  FROM pg_replication_slots
 ORDER BY slot_name)"};

constexpr std::array kParts{
    Part{"postgres.json", "bundle_server", R"(
SELECT name, setting, unit
  FROM pg_settings
 WHERE name IN ('server_version', 'wal_level', 'max_connections', 'shared_buffers', 'max_wal_size', 'max_slot_wal_keep_size',
                'max_replication_slots', 'max_wal_senders', 'synchronous_commit', 'fsync', 'autovacuum', 'statement_timeout',
                'idle_in_transaction_session_timeout', 'log_error_verbosity', 'log_min_error_statement')
 ORDER BY name)"},
    Part{"sessions.json", "bundle_sessions", R"(
SELECT application_name, state, wait_event_type, wait_event, count(*) AS sessions, max(now() - xact_start) AS longest_transaction
  FROM pg_stat_activity
 WHERE datname = current_database()
 GROUP BY application_name, state, wait_event_type, wait_event
 ORDER BY application_name, state)"},
    Part{"tables.json", "bundle_tables", R"(
SELECT schemaname, relname, n_live_tup, n_dead_tup, last_autovacuum, last_autoanalyze, pg_total_relation_size(relid) AS bytes
  FROM pg_stat_user_tables
 ORDER BY bytes DESC)"},
    Part{"migrations.json", "bundle_migrations", "SELECT version, name, checksum, applied_at FROM weir.schema_migrations ORDER BY version"},
    Part{"positions.json", "bundle_positions", R"(
SELECT o.group_id, o.topic, o.topic_uuid, o.partition, o.next_offset, o.leader_epoch, o.epoch, a.application_name AS owner,
       o.owner IS NOT NULL AND a.pid IS NULL AS owner_is_gone, o.watermark, o.idle_since, o.suspect_offset, o.deaths, o.updated_at
  FROM weir.consumer_offsets o
  LEFT JOIN pg_stat_activity a
    ON a.pid::text = split_part(o.owner, '@', 1) AND (a.backend_start IS NULL OR o.owner = a.pid || '@' || a.backend_start::text)
 ORDER BY o.group_id, o.topic, o.partition)"},
    Part{"outcomes.json", "bundle_outcomes", R"(
SELECT group_id, topic, partition, outcome, reason, n FROM weir.outcome_counts ORDER BY group_id, topic, partition, outcome, reason)"},
    Part{"gaps.json", "bundle_gaps", R"(
SELECT group_id, topic, partition, kind, next_offset, log_begin, log_end, found_at, accepted_at FROM weir.offset_gaps ORDER BY found_at)"},
    Part{"pauses.json", "bundle_pauses", R"(
SELECT group_id, topic, partition, paused_at FROM weir.group_pauses ORDER BY group_id, topic, partition)"},
    // Names, reasons in an operator's words, keys of records and organizations stay where they are.
    Part{"operator_actions.json", "bundle_operator_actions", R"(
SELECT id, acted_at, command, counts,
       (SELECT coalesce(jsonb_object_agg(key, value), '{}')
          FROM jsonb_each(filter)
         WHERE key IN ('group', 'topic', 'partition', 'kind', 'status', 'reason', 'path', 'until', 'from', 'to', 'asked')) AS filter
  FROM weir.operator_actions
 ORDER BY id DESC
 LIMIT 1000)"},
    Part{"letters.json", "bundle_letters", R"(
SELECT group_id, topic, status, kind, reason, fault_path, constraint_name, count(*) AS letters, min(created_at) AS first_at,
       max(updated_at) AS last_at, max(attempts) AS most_attempts
  FROM weir.dead_letters
 GROUP BY group_id, topic, status, kind, reason, fault_path, constraint_name
 ORDER BY group_id, topic, letters DESC)"},
    Part{"refused_wakeups.json", "bundle_refused_wakeups", R"(
SELECT group_id, wakeup, reason, table_name, column_name, constraint_name, count(*) AS keys, min(since) AS since, min(next_try) AS next_try
  FROM weir.refused_wakeups
 GROUP BY group_id, wakeup, reason, table_name, column_name, constraint_name
 ORDER BY group_id, wakeup)"},
};

void add_part(Bundle& bundle, postgres::Connection& connection, const Part& part) {
  const std::string query = "SELECT coalesce(jsonb_agg(to_jsonb(part)), '[]')::text FROM (" + std::string(part.rows) + ") part";
  const auto answer = connection.query(std::string(part.statement), query);
  if (!answer) return bundle.lacks(std::string(part.file), cli::explained(answer.error()));
  bundle.add(std::string(part.file), (*answer)[0].get<std::string>(0) + "\n");
}

}  // namespace

void add_rows(Bundle& bundle, postgres::Connection& connection) {
  for (const Part& part : kParts) add_part(bundle, connection, part);
}

void add_slots(Bundle& bundle, postgres::Connection& source) { add_part(bundle, source, kSlots); }

void lack_rows(Bundle& bundle, const Fault& fault) {
  for (const Part& part : kParts) bundle.lacks(std::string(part.file), fault);
}

}  // namespace weir::operations
