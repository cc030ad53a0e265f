// Counts first, then meaning.
#include "weir/demo/verify.hpp"

#include "weir/demo/verify_sql.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

namespace weir::demo {
namespace {

using TopicPartition = std::pair<std::string, std::int32_t>;

constexpr Milliseconds kPatienceToRead{120'000};

struct Outcomes {
  std::int64_t done = 0;
  std::int64_t skipped = 0;
  std::int64_t dead = 0;
  std::int64_t parked = 0;
  std::int64_t re_sent = 0;
  [[nodiscard]] std::int64_t total() const { return done + skipped + dead + parked + re_sent; }
};

std::string place(const TopicPartition& partition) { return partition.first + "[" + std::to_string(partition.second) + "]"; }

Result<std::map<TopicPartition, std::int64_t>> records_in(kafka::Admin& admin, const std::vector<std::string>& topics) {
  std::map<TopicPartition, std::int64_t> counts;
  for (const std::string& topic : topics) {
    WEIR_TRY(admin.read_topic(
        topic,
        [&](const kafka::StoredRecord& record) {
          ++counts[{topic, record.partition}];
        },
        kPatienceToRead));
  }
  return counts;
}

Result<std::map<TopicPartition, Outcomes>> outcomes_of(postgres::Connection& connection, const std::string& group) {
  std::map<TopicPartition, Outcomes> outcomes;
  const auto rows = WEIR_TRY(connection.query("demo_outcomes", sql::kOutcomes, postgres::Params().add(group)));
  for (std::size_t index = 0; index < rows.size(); ++index) {
    const postgres::Row row = rows[index];
    Outcomes& place_of_row = outcomes[{row.get<std::string>(0), row.get<std::int32_t>(1)}];
    const auto outcome = row.text(2);
    const auto count = row.get<std::int64_t>(3);
    if (outcome == "done") place_of_row.done += count;
    if (outcome == "skipped") place_of_row.skipped += count;
    if (outcome == "dead") place_of_row.dead += count;
    if (outcome == "parked") place_of_row.parked += count;
    if (outcome == "re_sent") place_of_row.re_sent += count;
  }
  return outcomes;
}

// Where the log no longer begins at its beginning, the outcomes stand for the records; what they led to is still compared.
Result<void> allow_for_dropped(kafka::Admin& admin, const std::map<TopicPartition, Outcomes>& outcomes,
                               std::map<TopicPartition, std::int64_t>& records, Verdict& verdict) {
  for (const auto& [partition, ended] : outcomes) {
    const auto range = WEIR_TRY(admin.range(partition.first, partition.second));
    if (range.begin == 0 || ended.total() <= records[partition]) continue;
    verdict.notes.push_back(place(partition) + ": the broker has dropped everything below offset " + std::to_string(range.begin) +
                            ": its records are not counted again");
    records[partition] = ended.total();
  }
  return {};
}

void count(Verdict& verdict, const std::map<TopicPartition, std::int64_t>& records, std::map<TopicPartition, Outcomes> outcomes) {
  for (const auto& [partition, there] : records) {
    const Outcomes ended = outcomes[partition];
    outcomes.erase(partition);
    verdict.records += there;
    verdict.done += ended.done;
    verdict.skipped += ended.skipped;
    verdict.dead += ended.dead;
    verdict.parked += ended.parked;
    verdict.re_sent += ended.re_sent;
    const std::int64_t missing = there - ended.total();
    if (missing == 0) continue;
    (missing > 0 ? verdict.lost : verdict.doubled) += std::abs(missing);
    verdict.differences.push_back(place(partition) + ": " + std::to_string(there) + " records, " + std::to_string(ended.total()) +
                                  " outcomes");
  }
  for (const auto& [partition, ended] : outcomes) {
    if (ended.total() == 0) continue;
    verdict.doubled += ended.total();
    verdict.differences.push_back(place(partition) + ": no record, " + std::to_string(ended.total()) + " outcomes");
  }
}

// A difference in the count of results is a loss or a doubling; in any other column it is a difference all the same.
void compare(Verdict& verdict, const postgres::Rows& rows, std::string_view table, std::string_view counter) {
  for (std::size_t index = 0; index < rows.size(); ++index) {
    const postgres::Row row = rows[index];
    const std::string expected = row.is_null(4) ? "null" : row.get<std::string>(4);
    const std::string found = row.is_null(5) ? "null" : row.get<std::string>(5);
    if (row.text(3) == counter) {
      const std::int64_t missing = std::atoll(expected.c_str()) - std::atoll(found.c_str());
      (missing > 0 ? verdict.lost : verdict.doubled) += std::abs(missing);
    }
    verdict.differences.push_back(std::string(table) + " " + row.get<std::string>(0) + " " + row.get<std::string>(1) + " " +
                                  row.get<std::string>(2) + " " + row.get<std::string>(3) + ": expected " + expected + ", found " + found);
  }
}

Result<void> copy_accepted(postgres::Connection& connection, const std::vector<AcceptedAction>& actions) {
  postgres::CopyBuffer buffer;
  for (const AcceptedAction& action : actions) {
    buffer.begin_row(6);
    buffer.uuid(action.organization);
    buffer.text(action.id);
    buffer.text(action.action);
    buffer.uuid(action.user);
    buffer.text(action.session);
    buffer.instant(action.time);
  }
  WEIR_TRY(connection.script("DROP TABLE IF EXISTS pg_temp.accepted_actions"));
  WEIR_TRY(connection.script(sql::kMakeAccepted));
  WEIR_TRY(connection.copy_in(sql::kCopyAccepted, buffer));
  return {};
}

}  // namespace

std::string Verdict::line() const {
  return std::string(good() ? "verified: " : "not verified: ") + std::to_string(records) + " records = " + std::to_string(done) +
         " done + " + std::to_string(skipped) + " skipped + " + std::to_string(dead) + " dead + " + std::to_string(parked) + " parked + " +
         std::to_string(re_sent) + " re-sent, lost " + std::to_string(lost) + ", doubled " + std::to_string(doubled);
}

Result<std::string> unsettled(postgres::Connection& connection, kafka::Admin& admin, const Expectation& expectation,
                              const std::string& source_lsn) {
  const auto behind = WEIR_TRY(connection.query("demo_slots", sql::kSlotsBehind, postgres::Params().add(source_lsn)));
  if (!behind.empty()) {
    return "slot " + behind[0].get<std::string>(0) + " has " + std::string(behind[0].is_null(1) ? "?" : behind[0].text(1)) +
           " bytes to publish";
  }
  std::map<TopicPartition, std::int64_t> next;
  const auto rows = WEIR_TRY(connection.query("demo_positions", sql::kPositions, postgres::Params().add(expectation.group)));
  for (std::size_t index = 0; index < rows.size(); ++index) {
    const postgres::Row row = rows[index];
    next[{row.get<std::string>(0), row.get<std::int32_t>(1)}] = row.get<std::int64_t>(2);
  }
  std::int64_t lag = 0;
  for (const auto& topic : WEIR_TRY(admin.describe_topics(expectation.topics))) {
    for (std::int32_t partition = 0; partition < topic.partitions; ++partition) {
      const auto range = WEIR_TRY(admin.range(topic.name, partition));
      lag += std::max<std::int64_t>(0, range.end - next[{topic.name, partition}]);
    }
  }
  return lag == 0 ? "" : expectation.group + " is " + std::to_string(lag) + " offsets behind";
}

Result<Verdict> verify(postgres::Connection& connection, kafka::Admin& admin, const Expectation& expectation) {
  Verdict verdict;
  auto records = WEIR_TRY(records_in(admin, expectation.topics));
  const auto outcomes = WEIR_TRY(outcomes_of(connection, expectation.group));
  if (expectation.may_drop) WEIR_TRY(allow_for_dropped(admin, outcomes, records, verdict));
  count(verdict, records, outcomes);
  compare(verdict, WEIR_TRY(connection.query("demo_metrics", sql::kMetricDifferences)), "agent_metrics", "total_tasks");
  compare(verdict, WEIR_TRY(connection.query("demo_claims", sql::kWrongClaims)), "agent_metrics", "total_tasks");
  WEIR_TRY(copy_accepted(connection, expectation.actions));
  compare(verdict, WEIR_TRY(connection.query("demo_engagement", sql::kEngagementDifferences)), "engagement_rollups", "events");
  const auto kept = WEIR_TRY(connection.query("demo_dead", sql::kDeadLetters, postgres::Params().add(expectation.group)));
  const auto letters = kept[0].get<std::int64_t>(0);
  if (letters != verdict.dead) {
    verdict.differences.push_back("weir.dead_letters holds " + std::to_string(letters) + " dead letters, weir.outcome_counts " +
                                  std::to_string(verdict.dead));
  }
  if (expectation.dead && *expectation.dead != verdict.dead) {
    verdict.differences.push_back("broken events: " + std::to_string(*expectation.dead) + " written, " + std::to_string(verdict.dead) +
                                  " dead letters");
  }
  return verdict;
}

}  // namespace weir::demo
