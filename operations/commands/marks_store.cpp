#include "operations/commands/marks_store.hpp"

#include <utility>

namespace weir::operations {

namespace {

constexpr std::size_t kMarksAtOnce = 200;
constexpr std::size_t kLettersAtOnce = 200;

// Finds the places by going from each to the next in the index, however many marks each has. clock_timestamp() is later than every mark of
// the snapshot, as the present must be. Ranges are asked for that end after $2 and begin before $3.
const std::string kPlaces = R"(
WITH RECURSIVE place AS (
  (SELECT group_id, topic, partition
     FROM weir.position_marks
    WHERE group_id >= coalesce($1::text, '')
    ORDER BY group_id, topic, partition
    LIMIT 1)
  UNION ALL
  SELECT n.group_id, n.topic, n.partition
    FROM place p
   CROSS JOIN LATERAL (
     SELECT m.group_id, m.topic, m.partition
       FROM weir.position_marks m
      WHERE (m.group_id, m.topic, m.partition) > (p.group_id, p.topic, p.partition)
      ORDER BY m.group_id, m.topic, m.partition
      LIMIT 1) n
   WHERE $1::text IS NULL OR n.group_id = $1::text
), counted AS (
  SELECT group_id, topic, partition, sum(n)::bigint AS n FROM weir.outcome_counts GROUP BY group_id, topic, partition
), asked AS (
  SELECT p.group_id, p.topic, p.partition,
         coalesce((SELECT max(m.marked_at) FROM weir.position_marks m
                    WHERE m.group_id = p.group_id AND m.topic = p.topic AND m.partition = p.partition AND m.marked_at <= $2::timestamptz),
                  (SELECT min(m.marked_at) FROM weir.position_marks m
                    WHERE m.group_id = p.group_id AND m.topic = p.topic AND m.partition = p.partition)) AS first,
         (SELECT min(m.marked_at) FROM weir.position_marks m
           WHERE m.group_id = p.group_id AND m.topic = p.topic AND m.partition = p.partition AND m.marked_at >= $3::timestamptz) AS until,
         (SELECT max(m.marked_at) FROM weir.position_marks m
           WHERE m.group_id = p.group_id AND m.topic = p.topic AND m.partition = p.partition) AS newest
    FROM place p
   WHERE $1::text IS NULL OR p.group_id = $1::text
)
SELECT a.group_id, a.topic, a.partition, a.first, coalesce(a.until, a.newest),
       CASE WHEN a.until IS NULL AND o.next_offset IS NOT NULL AND ($2::timestamptz IS NULL OR clock_timestamp() > $2::timestamptz)
            THEN clock_timestamp() END,
       o.topic_uuid, o.next_offset, coalesce(c.n, 0),
       CASE WHEN a.until IS NOT NULL
            THEN (SELECT max(m.next_offset) FROM weir.position_marks m
                   WHERE m.group_id = a.group_id AND m.topic = a.topic AND m.partition = a.partition AND m.marked_at >= a.first
                     AND m.marked_at <= a.until) END
  FROM asked a
  LEFT JOIN weir.consumer_offsets o ON o.group_id = a.group_id AND o.topic = a.topic AND o.partition = a.partition
  LEFT JOIN counted c ON c.group_id = a.group_id AND c.topic = a.topic AND c.partition = a.partition
 ORDER BY a.group_id, a.topic, a.partition)";

const std::string kMarks = R"(
SELECT marked_at, topic_uuid, next_offset, (SELECT coalesce(sum(value::bigint), 0)::bigint FROM jsonb_each_text(counts))
  FROM weir.position_marks
 WHERE group_id = $1 AND topic = $2 AND partition = $3 AND marked_at > $4 AND marked_at <= $5
 ORDER BY marked_at
 LIMIT $6)";

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
SELECT id, record_offset
  FROM weir.dead_letters
 WHERE group_id = $1 AND topic_uuid = $2 AND partition = $3 AND record_offset >= $4
 ORDER BY record_offset
 LIMIT $5)";

MarkedPlace place_of(const postgres::Row& row) { return {row.get<std::string>(0), row.get<std::string>(1), row.get<std::int32_t>(2)}; }

AskedMarks marks_of(const postgres::Row& row) {
  AskedMarks asked{place_of(row), row.get<Instant>(3), row.get<Instant>(4), std::nullopt, row.maybe<std::int64_t>(9)};
  if (!row.is_null(5)) asked.present = Mark{row.get<Instant>(5), row.maybe<Uuid>(6), row.get<std::int64_t>(7), row.get<std::int64_t>(8)};
  return asked;
}

Result<Books> read(postgres::Connection& connection, const AskedBooks& asked) {
  Books books;
  const auto places =
      WEIR_TRY(connection.query("marks_places", kPlaces, postgres::Params().add(asked.group).add(asked.from).add(asked.to)));
  for (std::size_t i = 0; i < places.size(); ++i) books.places.push_back(marks_of(places[i]));
  const auto moved = WEIR_TRY(connection.query("marks_moved", kMoved));
  for (std::size_t i = 0; i < moved.size(); ++i) {
    const auto row = moved[i];
    books.moved.push_back({row.get<std::string>(0), row.get<std::string>(1), row.maybe<std::int32_t>(2), row.get<Instant>(3)});
  }
  const auto counts = WEIR_TRY(connection.query("marks_letter_counts", kLetterCounts, postgres::Params().add(asked.group)));
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto row = counts[i];
    books.letter_counts.push_back(
        {place_of(row), row.get<std::int64_t>(3), row.get<std::int64_t>(4), row.get<std::int64_t>(5), row.get<std::int64_t>(6)});
  }
  return books;
}

}  // namespace

Result<Books> books(postgres::Connection& connection, const AskedBooks& asked) {
  WEIR_TRY(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  auto read_books = read(connection, asked);
  static_cast<void>(connection.rollback());
  return read_books;
}

Result<std::vector<Mark>> marks_after(postgres::Connection& connection, const AskedMarks& asked, Instant after) {
  postgres::Params params;
  params.add(asked.place.group).add(asked.place.topic).add(asked.place.partition).add(after).add(asked.last).add(kMarksAtOnce);
  const auto rows = WEIR_TRY(connection.query("marks", kMarks, params));
  std::vector<Mark> marks;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    marks.push_back({row.get<Instant>(0), row.maybe<Uuid>(1), row.get<std::int64_t>(2), row.get<std::int64_t>(3)});
  }
  return marks;
}

Result<std::vector<PlacedLetter>> letters_from(postgres::Connection& connection, const MarkedPlace& place, const Uuid& topic_id,
                                               std::int64_t from) {
  postgres::Params params;
  params.add(place.group).add(topic_id).add(place.partition).add(from).add(kLettersAtOnce);
  const auto rows = WEIR_TRY(connection.query("marks_letters", kLetters, params));
  std::vector<PlacedLetter> letters;
  for (std::size_t i = 0; i < rows.size(); ++i) letters.push_back({rows[i].get<std::int64_t>(0), rows[i].get<std::int64_t>(1)});
  return letters;
}

}  // namespace weir::operations
