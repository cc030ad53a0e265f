// First the counts of records and outcomes are compared, then the rows of the tables.
#include "demo/witness/verify_sql.hpp"

#include "demo/witness/verify.hpp"

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

Result<std::map<TopicPartition, std::int64_t>> positions_of(SqlSession& session, const std::string& group) {
  std::map<TopicPartition, std::int64_t> next;
  for (const auto& row : WEIR_TRY(session.ask(sql::kPositions, {group})))
    next[{row[0].as<std::string>(), row[1].as<std::int32_t>()}] = row[2].as<std::int64_t>();
  return next;
}

/// Records that the group's positions have passed. What weir itself writes to published tables while it stops (a destination that failed)
/// may still become a record after the group took its last one. All that was there before has been waited for.
Result<std::map<TopicPartition, std::int64_t>> records_in(kafka::Admin& admin, const std::vector<std::string>& topics,
                                                          const std::map<TopicPartition, std::int64_t>& positions) {
  std::map<TopicPartition, std::int64_t> counts;
  for (const std::string& topic : topics) {
    WEIR_TRY(admin.read_topic(
        topic,
        [&](const kafka::StoredRecord& record) {
          const TopicPartition partition{topic, record.partition};
          const auto position = positions.find(partition);
          if (position == positions.end() || record.offset < position->second) ++counts[partition];
        },
        kPatienceToRead));
  }
  return counts;
}

Result<std::map<TopicPartition, Outcomes>> outcomes_of(SqlSession& session, const std::string& group) {
  std::map<TopicPartition, Outcomes> outcomes;
  for (const auto& row : WEIR_TRY(session.ask(sql::kOutcomes, {group}))) {
    Outcomes& place_of_row = outcomes[{row[0].as<std::string>(), row[1].as<std::int32_t>()}];
    const std::string_view outcome = row[2].c_str();
    const auto count = row[3].as<std::int64_t>();
    if (outcome == "done") place_of_row.done += count;
    if (outcome == "skipped") place_of_row.skipped += count;
    if (outcome == "dead") place_of_row.dead += count;
    if (outcome == "parked") place_of_row.parked += count;
    if (outcome == "re_sent") place_of_row.re_sent += count;
  }
  return outcomes;
}

// Where the log's first records are gone, the outcomes are taken for the count of records; their results are still compared.
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

/// Takes the rows of a check into the verdict.
void compare(Verdict& verdict, const pqxx::result& rows, const process::ResultCheck& check) {
  for (const auto& row : rows) {
    const std::string expected = row[4].as<std::string>("null");
    const std::string found = row[5].as<std::string>("null");
    if (row[3].c_str() == check.counter) {
      const std::int64_t missing = std::atoll(expected.c_str()) - std::atoll(found.c_str());
      (missing > 0 ? verdict.lost : verdict.doubled) += std::abs(missing);
    }
    verdict.differences.push_back(std::string(check.table) + " " + row[0].c_str() + " " + row[1].c_str() + " " + row[2].c_str() + " " +
                                  row[3].c_str() + ": expected " + expected + ", found " + found);
  }
}

std::string_view status_of(ResponseEnd end) {
  switch (end) {
    case ResponseEnd::kScored:
      return "scored";
    case ResponseEnd::kRejected:
      return "rejected";
    case ResponseEnd::kWithdrawn:
      return "in_progress";
    case ResponseEnd::kDeleted:
      return "deleted";
  }
  return {};
}

}  // namespace

std::string Verdict::line() const {
  return std::string(good() ? "verified: " : "not verified: ") + std::to_string(records) + " records = " + std::to_string(done) +
         " done + " + std::to_string(skipped) + " skipped + " + std::to_string(dead) + " dead + " + std::to_string(parked) + " parked + " +
         std::to_string(re_sent) + " re-sent, lost " + std::to_string(lost) + ", doubled " + std::to_string(doubled);
}

void Verdict::add(const Verdict& other) {
  records += other.records;
  done += other.done;
  skipped += other.skipped;
  dead += other.dead;
  parked += other.parked;
  re_sent += other.re_sent;
  lost += other.lost;
  doubled += other.doubled;
  notes.insert(notes.end(), other.notes.begin(), other.notes.end());
  differences.insert(differences.end(), other.differences.begin(), other.differences.end());
}

Result<std::string> unsettled(SqlSession& session, kafka::Admin& admin, const Expectation& expectation, const std::string& source_lsn) {
  const pqxx::result behind = WEIR_TRY(session.ask(sql::kSlotsBehind, {source_lsn}));
  if (!behind.empty()) {
    return "slot " + behind[0][0].as<std::string>() + " has " + behind[0][1].as<std::string>("?") + " bytes to publish";
  }
  std::map<TopicPartition, std::int64_t> next = WEIR_TRY(positions_of(session, expectation.group));
  std::int64_t lag = 0;
  for (const auto& topic : WEIR_TRY(admin.describe_topics(expectation.topics))) {
    for (std::int32_t partition = 0; partition < topic.partitions; ++partition) {
      const std::int64_t end = WEIR_TRY(admin.high_watermark(topic.name, partition));
      lag += std::max<std::int64_t>(0, end - next[{topic.name, partition}]);
    }
  }
  if (lag != 0) return expectation.group + " is " + std::to_string(lag) + " offsets behind";
  for (const std::string_view question : expectation.results.waits) {
    const pqxx::result waits = WEIR_TRY(session.ask(std::string(question)));
    if (!waits.empty()) return waits[0][0].as<std::string>();
  }
  return "";
}

Result<Verdict> verify_counts(SqlSession& session, kafka::Admin& admin, const Expectation& expectation) {
  Verdict verdict;
  auto records = WEIR_TRY(records_in(admin, expectation.topics, WEIR_TRY(positions_of(session, expectation.group))));
  const auto outcomes = WEIR_TRY(outcomes_of(session, expectation.group));
  if (expectation.may_drop) WEIR_TRY(allow_for_dropped(admin, outcomes, records, verdict));
  count(verdict, records, outcomes);
  const auto letters = WEIR_TRY(session.ask(sql::kDeadLetters, {expectation.group}))[0][0].as<std::int64_t>();
  if (letters != verdict.dead) {
    verdict.differences.push_back("weir.dead_letters holds " + std::to_string(letters) + " dead letters of " + expectation.group +
                                  ", weir.outcome_counts " + std::to_string(verdict.dead));
  }
  if (expectation.dead && *expectation.dead != verdict.dead) {
    verdict.differences.push_back("broken events for " + expectation.group + ": " + std::to_string(*expectation.dead) + " written, " +
                                  std::to_string(verdict.dead) + " dead letters");
  }
  return verdict;
}

Result<void> give_actions(SqlSession& session, const std::vector<AcceptedAction>& actions) {
  WEIR_TRY(session.script("DROP TABLE IF EXISTS pg_temp.accepted_actions"));
  WEIR_TRY(session.script(sql::kMakeAccepted));
  return session.outside([&](pqxx::transaction_base& transaction) {
    pqxx::stream_to rows(transaction, "accepted_actions");
    for (const AcceptedAction& action : actions) {
      rows << std::make_tuple(action.organization.text(), action.id, action.action, action.user.text(), action.session,
                              format_instant(action.time));
    }
    rows.complete();
  });
}

Result<void> give_answers(SqlSession& session, std::span<const GivenResponse> given) {
  WEIR_TRY(session.script("DROP TABLE IF EXISTS pg_temp.given_responses, pg_temp.given_answers"));
  WEIR_TRY(session.script(sql::kMakeGiven));
  WEIR_TRY(session.outside([&](pqxx::transaction_base& transaction) {
    pqxx::stream_to rows(transaction, "given_responses");
    for (const GivenResponse& one : given) {
      rows << std::make_tuple(one.id.text(), one.organization.text(), one.user.text(), one.assessment.text(),
                              format_instant(one.started_at), format_instant(one.submitted_at), std::string(status_of(one.end)));
    }
    rows.complete();
  }));
  return session.outside([&](pqxx::transaction_base& transaction) {
    pqxx::stream_to rows(transaction, "given_answers");
    for (const GivenResponse& one : given) {
      for (const auto& [code, value] : one.answers) rows << std::make_tuple(one.id.text(), code, value);
    }
    rows.complete();
  });
}

Result<void> give_zones(SqlSession& session, std::span<const GivenZone> zones) {
  WEIR_TRY(session.script("DROP TABLE IF EXISTS pg_temp.given_zones"));
  WEIR_TRY(session.script(sql::kMakeZones));
  return session.outside([&](pqxx::transaction_base& transaction) {
    pqxx::stream_to rows(transaction, "given_zones");
    for (const GivenZone& one : zones) rows << std::make_tuple(one.user.text(), format_instant(one.since), one.zone);
    rows.complete();
  });
}

Result<void> check_results(SqlSession& session, const process::ResultChecks& checks, Verdict& verdict) {
  for (const std::string_view statements : checks.prepare) WEIR_TRY(session.script(std::string(statements)));
  for (const process::ResultCheck& check : checks.tables) {
    compare(verdict, WEIR_TRY(session.ask(std::string(check.differences))), check);
  }
  return {};
}

Result<Verdict> verify(SqlSession& session, kafka::Admin& admin, const Expectation& expectation) {
  Verdict verdict = WEIR_TRY(verify_counts(session, admin, expectation));
  WEIR_TRY(check_results(session, expectation.results, verdict));
  return verdict;
}

}  // namespace weir::demo
