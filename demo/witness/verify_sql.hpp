// The verification's own questions to Postgres, beside the checks that components declare.
#pragma once

namespace weir::demo::sql {

/// The table into which accepted actions are copied (consumers/rollups/result_checks.hpp); it ends with the session.
inline constexpr const char* kMakeAccepted = R"sql(
CREATE TEMPORARY TABLE accepted_actions (
  organization_id uuid NOT NULL, id text NOT NULL, action_type text NOT NULL, user_id uuid NOT NULL, session text NOT NULL,
  occurred_at timestamptz NOT NULL))sql";

inline constexpr const char* kOutcomes = R"sql(
SELECT topic, partition, outcome, sum(n)::bigint FROM weir.outcome_counts WHERE group_id = $1 GROUP BY 1, 2, 3)sql";

inline constexpr const char* kDeadLetters = "SELECT count(*) FROM weir.dead_letters WHERE group_id = $1 AND status = 'dead'";

/// The source's slots that have not confirmed `$1` yet.
inline constexpr const char* kSlotsBehind = R"sql(
SELECT slot_name, pg_wal_lsn_diff($1::pg_lsn, confirmed_flush_lsn)::bigint FROM pg_replication_slots
 WHERE slot_type = 'logical' AND database = current_database() AND (confirmed_flush_lsn IS NULL OR confirmed_flush_lsn < $1::pg_lsn))sql";

inline constexpr const char* kPositions =
    "SELECT topic, partition, coalesce(next_offset, 0) FROM weir.consumer_offsets WHERE group_id = $1";

/// The tables into which answers are copied (consumers/scoring/result_checks.hpp); they end with the session.
inline constexpr const char* kMakeGiven = R"sql(
CREATE TEMPORARY TABLE given_responses (
  response_id uuid PRIMARY KEY, organization_id uuid NOT NULL, user_id uuid NOT NULL, assessment_id uuid NOT NULL,
  started_at timestamptz NOT NULL, submitted_at timestamptz NOT NULL, status text NOT NULL);
CREATE TEMPORARY TABLE given_answers (response_id uuid NOT NULL, code text NOT NULL, value integer NOT NULL, PRIMARY KEY (response_id, code)))sql";

/// The table into which the zones are copied (consumers/scoring/learning_checks.hpp); it ends with the session.
inline constexpr const char* kMakeZones = R"sql(
CREATE TEMPORARY TABLE given_zones (user_id uuid NOT NULL, since timestamptz NOT NULL, zone text NOT NULL, PRIMARY KEY (user_id, since)))sql";

}  // namespace weir::demo::sql
