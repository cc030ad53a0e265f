#include "operations/commands/marks_store.hpp"

#include <utility>

namespace weir::operations {

namespace {

// clock_timestamp() is later than every mark of the snapshot, as the present must be. Postgres moves no condition past it, hence the group
// is asked for on both sides.
const std::string kMarks = R"(
WITH counted AS (
  SELECT group_id, topic, partition, sum(n)::bigint AS n FROM weir.outcome_counts GROUP BY group_id, topic, partition
), mark AS (
  SELECT group_id, topic, partition, marked_at, topic_uuid, next_offset,
         (SELECT coalesce(sum(value::bigint), 0)::bigint FROM jsonb_each_text(counts)) AS counted
    FROM weir.position_marks
   WHERE $1::text IS NULL OR group_id = $1
  UNION ALL
  SELECT o.group_id, o.topic, o.partition, clock_timestamp(), o.topic_uuid, o.next_offset, coalesce(c.n, 0)
    FROM weir.consumer_offsets o
    LEFT JOIN counted c ON c.group_id = o.group_id AND c.topic = o.topic AND c.partition = o.partition
   WHERE o.next_offset IS NOT NULL AND ($1::text IS NULL OR o.group_id = $1)
)
SELECT group_id, topic, partition, marked_at, topic_uuid, next_offset, counted
  FROM mark
 ORDER BY group_id, topic, partition, marked_at)";

const std::string kMoved = R"(
SELECT group_id, topic, partition, accepted_at FROM weir.offset_gaps WHERE accepted_at IS NOT NULL
UNION ALL
SELECT filter ->> 'group', filter ->> 'topic', (filter ->> 'partition')::int, acted_at
  FROM weir.operator_actions
 WHERE command = 'offsets reset')";

const std::string kLetterCounts = R"(
WITH counted AS (
  SELECT group_id, topic, partition, sum(n) FILTER (WHERE outcome = 'parked') AS parked, sum(n) FILTER (WHERE outcome = 'dead') AS dead
    FROM weir.outcome_counts
   GROUP BY group_id, topic, partition
), there AS (
  SELECT group_id, topic, partition, count(*) FILTER (WHERE status = 'parked') AS parked,
         count(*) FILTER (WHERE status IN ('dead', 'redriving', 'discarded')) AS dead
    FROM weir.dead_letters
   GROUP BY group_id, topic, partition
)
SELECT group_id, topic, partition, coalesce(c.parked, 0)::bigint, coalesce(t.parked, 0), coalesce(c.dead, 0)::bigint, coalesce(t.dead, 0)
  FROM counted c
  FULL JOIN there t USING (group_id, topic, partition)
 WHERE $1::text IS NULL OR group_id = $1
 ORDER BY group_id, topic, partition)";

const std::string kLetters = R"(
SELECT id, group_id, topic, partition, topic_uuid, record_offset
  FROM weir.dead_letters
 WHERE $1::text IS NULL OR group_id = $1
 ORDER BY topic, partition, record_offset)";

MarkedPlace place_of(const postgres::Row& row, int first) {
  return {row.get<std::string>(first), row.get<std::string>(first + 1), row.get<std::int32_t>(first + 2)};
}

Result<Books> read(postgres::Connection& connection, const std::optional<std::string>& group) {
  Books books;
  const auto marks = WEIR_TRY(connection.query("marks", kMarks, postgres::Params().add(group)));
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const auto row = marks[i];
    books.marks.push_back({place_of(row, 0), row.get<Instant>(3), row.maybe<Uuid>(4), row.get<std::int64_t>(5), row.get<std::int64_t>(6)});
  }
  const auto moved = WEIR_TRY(connection.query("marks_moved", kMoved));
  for (std::size_t i = 0; i < moved.size(); ++i) {
    const auto row = moved[i];
    books.moved.push_back({row.get<std::string>(0), row.get<std::string>(1), row.maybe<std::int32_t>(2), row.get<Instant>(3)});
  }
  const auto counts = WEIR_TRY(connection.query("marks_letter_counts", kLetterCounts, postgres::Params().add(group)));
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto row = counts[i];
    books.letter_counts.push_back(
        {place_of(row, 0), row.get<std::int64_t>(3), row.get<std::int64_t>(4), row.get<std::int64_t>(5), row.get<std::int64_t>(6)});
  }
  const auto letters = WEIR_TRY(connection.query("marks_letters", kLetters, postgres::Params().add(group)));
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const auto row = letters[i];
    books.letters.push_back({row.get<std::int64_t>(0), place_of(row, 1), row.maybe<Uuid>(4), row.get<std::int64_t>(5)});
  }
  return books;
}

}  // namespace

Result<Books> books(postgres::Connection& connection, const std::optional<std::string>& group) {
  WEIR_TRY(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  auto read_books = read(connection, group);
  static_cast<void>(connection.rollback());
  return read_books;
}

}  // namespace weir::operations
