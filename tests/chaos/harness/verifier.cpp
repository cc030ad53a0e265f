#include "tests/chaos/harness/verifier.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace weir::chaos {
namespace {

// A million rows are sorted in memory, which may take long.
constexpr const char* kMakeJournal = R"sql(
SET work_mem = '256MB';
SET statement_timeout = '15min';
CREATE TEMP TABLE journal (key bigint, number bigint, partition int, record_offset bigint, amount bigint, kind text, reason text);
CREATE TEMP TABLE letters AS
  SELECT partition, record_offset, kind, reason FROM weir.dead_letters WHERE group_id = 'weir.tape' AND topic = ':topic';
CREATE TEMP TABLE rows AS SELECT * FROM tape.events WHERE topic = ':topic')sql";
constexpr const char* kAnalyze = "ANALYZE journal; ANALYZE letters; ANALYZE rows";

constexpr const char* kMissingByPlace = R"sql(
SELECT (SELECT count(*) FROM journal LEFT JOIN rows USING (partition, record_offset, key, number) WHERE journal.kind IS NULL AND seq IS NULL)
     + (SELECT count(*) FROM journal LEFT JOIN letters l USING (partition, record_offset) WHERE journal.kind IS NOT NULL AND l.kind IS NULL))sql";
constexpr const char* kMissingById = "SELECT count(*) FROM journal LEFT JOIN rows USING (key, number) WHERE seq IS NULL";
constexpr const char* kDoubled = R"sql(
SELECT (SELECT count(*) - count(DISTINCT (partition, record_offset)) FROM rows)
     + (SELECT count(*) FROM rows JOIN letters USING (partition, record_offset)))sql";
constexpr const char* kDoubledById = "SELECT count(*) - count(DISTINCT (key, number)) FROM rows";
constexpr const char* kUnexpectedByPlace = R"sql(
SELECT (SELECT count(*) FROM rows LEFT JOIN journal USING (partition, record_offset) WHERE journal.key IS NULL OR journal.kind IS NOT NULL)
     + (SELECT count(*) FROM letters LEFT JOIN journal USING (partition, record_offset) WHERE journal.kind IS NULL))sql";
constexpr const char* kUnexpectedById = "SELECT count(*) FROM letters";
constexpr const char* kOutOfOrder = R"sql(
SELECT count(*) FROM (SELECT number, lag(number) OVER (PARTITION BY key ORDER BY seq) AS before FROM rows) o WHERE number <= before)sql";
constexpr const char* kWrongLetters = R"sql(
SELECT count(*) FROM letters l JOIN journal j USING (partition, record_offset) WHERE (l.kind, l.reason) IS DISTINCT FROM (j.kind, j.reason))sql";
constexpr const char* kSumDifference = R"sql(
SELECT abs((SELECT coalesce(sum(amount), 0) FROM journal WHERE kind IS NULL) - (SELECT coalesce(sum(amount), 0) FROM rows))::bigint)sql";
constexpr const char* kMiscounted = R"sql(
WITH counted AS (
  SELECT partition, sum(n) FILTER (WHERE outcome = 'done') AS done, sum(n) FILTER (WHERE outcome = 'dead') AS dead
    FROM weir.outcome_counts WHERE group_id = 'weir.tape' AND topic = ':topic' GROUP BY 1
), there AS (
  SELECT partition, sum(row) AS done, sum(letter) AS dead
    FROM (SELECT partition, 1 AS row, 0 AS letter FROM rows UNION ALL SELECT partition, 0, 1 FROM letters) u GROUP BY 1
)
SELECT count(*) FROM counted c FULL JOIN there t USING (partition)
 WHERE coalesce(c.done, 0) <> coalesce(t.done, 0) OR coalesce(c.dead, 0) <> coalesce(t.dead, 0))sql";
constexpr const char* kTwoWriters = R"sql(
SELECT (SELECT count(*) FROM (SELECT FROM rows GROUP BY partition, epoch HAVING count(DISTINCT writer) > 1) w)
     + (SELECT count(*) FROM (SELECT epoch, lag(epoch) OVER (PARTITION BY partition ORDER BY record_offset) AS before FROM rows) e
         WHERE epoch < before))sql";

class Questions {
 public:
  Questions(demo::SqlSession session, std::string topic) : session_(std::move(session)), topic_(std::move(topic)) {}

  void load(const std::vector<Acknowledged>& entries) {
    run(kMakeJournal);
    const auto copied = session_.outside([&](pqxx::transaction_base& transaction) {
      pqxx::stream_to rows(transaction, "journal");
      for (const Acknowledged& entry : entries) {
        const auto poison =
            std::find_if(kPoisons.begin(), kPoisons.end(), [&](const Poison& row) { return row.name == entry.event.poison; });
        const bool healthy = poison == kPoisons.end();
        const char* const kind = healthy ? nullptr : poison->kind.data();
        const char* const reason = healthy ? nullptr : poison->reason.data();
        rows << std::make_tuple(entry.event.key, entry.event.number, entry.partition, entry.offset, entry.event.amount(), kind, reason);
      }
      rows.complete();
    });
    REQUIRE_MESSAGE(copied, copied.error().line());
    run(kAnalyze);
  }

  [[nodiscard]] std::int64_t count(const std::string& sql) { return run(sql)[0][0].as<std::int64_t>(); }

 private:
  pqxx::result run(std::string sql) {
    for (std::size_t at = sql.find(":topic"); at != std::string::npos; at = sql.find(":topic")) sql.replace(at, 6, topic_);
    const auto rows = session_.script(sql);
    REQUIRE_MESSAGE(rows, rows.error().line());
    return *rows;
  }

  demo::SqlSession session_;
  std::string topic_;
};

}  // namespace

TapeVerdict verify_tape(Ground& ground, Journal& journal, const TapeExpectation& expectation) {
  auto session = ground.sql_session();
  REQUIRE_MESSAGE(session, session.error().line());
  Questions ask(std::move(*session), expectation.topic);
  const std::vector<Acknowledged> entries = journal.read();
  ask.load(entries);
  TapeVerdict verdict;
  verdict.acknowledged = static_cast<std::int64_t>(entries.size());
  verdict.rows = ask.count("SELECT count(*) FROM rows");
  verdict.dead = ask.count("SELECT count(*) FROM letters");
  verdict.missing = ask.count(expectation.places ? kMissingByPlace : kMissingById);
  verdict.doubled = ask.count(kDoubled);
  if (!expectation.repeats) verdict.doubled += ask.count(kDoubledById);
  verdict.unexpected = ask.count(expectation.places ? kUnexpectedByPlace : kUnexpectedById);
  verdict.miscounted = ask.count(kMiscounted);
  verdict.two_writers = ask.count(kTwoWriters);
  if (!expectation.repeats) verdict.out_of_order = ask.count(kOutOfOrder);
  if (!expectation.repeats) verdict.sum_difference = ask.count(kSumDifference);
  if (expectation.places) verdict.wrong_letters = ask.count(kWrongLetters);
  return verdict;
}

void require_exact(const Report& report, const TapeVerdict& verdict) {
  report.figure("acknowledged", verdict.acknowledged);
  report.figure("rows", verdict.rows);
  report.figure("dead_letters", verdict.dead);
  report.exact("missing", verdict.missing, 0);
  report.exact("doubled", verdict.doubled, 0);
  report.exact("unexpected", verdict.unexpected, 0);
  report.exact("out_of_order", verdict.out_of_order, 0);
  report.exact("wrong_letters", verdict.wrong_letters, 0);
  report.exact("sum_difference", verdict.sum_difference, 0);
  report.exact("miscounted", verdict.miscounted, 0);
  report.exact("two_writers", verdict.two_writers, 0);
  CHECK(verdict.acknowledged > 0);
}

}  // namespace weir::chaos
