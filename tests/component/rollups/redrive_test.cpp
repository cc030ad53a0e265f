// Redriven letters: in whatever order the changes of a row die and are redriven, the sums are those of the source, and nothing is counted
// twice for an agent or an action.
#include "tests/component/rollups/bench_of_instances.hpp"

#include <fmt/format.h>

#include <array>
#include <random>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kBegin = kStart - std::chrono::days{1};
const Instant kRecorded = kStart + std::chrono::hours{1};

std::string json_of(const std::optional<std::int64_t>& nanos) {
  return nanos ? fmt::format("{}.{:09}", *nanos / 1'000'000'000, *nanos % 1'000'000'000) : "null";
}

std::string json_of(const ExecutionId& row, const std::optional<ExecutionRow>& image) {
  if (!image) return "null";
  const std::string time = format_instant(*image->completed_at);
  return fmt::format(
      R"({{"id":"{}","organization_id":"{}","agent_id":"{}","status":"{}","progress":null,"started_at":null,"completed_at":"{}",)"
      R"("updated_at":"{}","execution_time_ms":{},"memory_mb":{},"cpu_percent":null,"quality_score":null,"confidence_score":null,)"
      R"("user_rating":{}}})",
      row.text(), image->organization.text(), image->agent.text(), image->status, time, time, json_of(image->execution_time),
      json_of(image->memory), image->rating ? std::to_string(*image->rating) : "null");
}

/// One change of one row, in the forms in which the consumer may meet it.
struct Change {
  ExecutionId row;
  std::optional<ExecutionRow> before;
  std::optional<ExecutionRow> after;
  std::uint64_t lsn = 0;

  [[nodiscard]] std::shared_ptr<runtime::Event> event(bool is_redriven = false) const {
    auto event = change(before, after, kRecorded, row, lsn);
    event->redriven = is_redriven;
    return event;
  }
  [[nodiscard]] std::shared_ptr<runtime::Event> undecoded() const {
    return unread(
        by_default().topics.executions,
        fmt::format(R"({{"before":{},"after":{},"source":{{"name":"weir","db":"app","ts_ms":{},"sequence":"[null,\"{}\"]"}},"op":"{}"}})",
                    json_of(row, before), json_of(row, after), unix_ms(kRecorded), lsn,
                    !before ? "c"
                    : after ? "u"
                            : "d"));
  }
};

/// Changes in the order of the source; some carry a rating of 0, which is refused.
std::vector<Change> history(std::mt19937& random) {
  const auto pick = [&](int from, int to) { return std::uniform_int_distribution<int>(from, to)(random); };
  std::vector<std::optional<ExecutionRow>> rows(6);
  std::vector<Change> changes;
  for (std::uint64_t lsn = 1; lsn <= 40; ++lsn) {
    const int number = pick(0, 5);
    auto& row = rows[static_cast<std::size_t>(number)];
    std::optional<ExecutionRow> next;
    if (!row || pick(0, 5) != 0) {
      constexpr std::array kStatus{"running", "completed", "completed", "failed", "cancelled"};
      next = execution(number % 2, kStart + Seconds{pick(0, 1200)}, kStatus[static_cast<std::size_t>(pick(0, 4))]);
      next->execution_time = pick(0, 1'000'000) * kMs / 1000;
      if (pick(0, 1) == 0) next->memory = pick(1, 10) * kMs / 10;
      if (pick(0, 2) == 0) next->rating = pick(0, 5);
    }
    changes.push_back({ExecutionId{id(number)}, row, next, lsn});
    row = next;
  }
  return changes;
}

constexpr const char* kSums = R"(
SELECT agent_id, window_start, total_tasks, completed_tasks, failed_tasks, cancelled_tasks, execution_time_count, execution_time_sum,
       execution_time_sketch, memory_count, memory_sum, rating_count, rating_sum
  FROM agent_metrics
 WHERE (total_tasks, memory_count, rating_count, execution_time_count) <> (0, 0, 0, 0)
 ORDER BY agent_id, window_start)";

}  // namespace

TEST_CASE("whatever changes die and are redriven, in whatever order, the sums are those of the source") {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto pick = [&](std::size_t to) { return std::uniform_int_distribution<std::size_t>(0, to - 1)(random); };
    const std::vector<Change> changes = history(random);
    const std::string whole = database_known_from(kBegin);
    Instance undisturbed(whole);
    for (const Change& one : changes) undisturbed.apply({one.event()});

    const std::string dsn = database_known_from(kBegin);
    Instance instance(dsn);
    std::vector<const Change*> letters;
    const auto redrive = [&] {
      const std::size_t which = pick(letters.size());
      const Change* const letter = letters[which];
      if (pick(4) == 0) {  // it dies again
        instance.bury({letter->event(true)}, "database");
        return;
      }
      letters.erase(letters.begin() + static_cast<std::ptrdiff_t>(which));
      instance.apply({letter->event(true)});
    };
    for (const Change& one : changes) {
      const auto fate = pick(5);
      if (fate < 3) {
        const bool refused = reason(instance.apply({one.event()})[0]) == "dead";
        if (refused) letters.push_back(&one);
      } else {
        fate == 3 ? instance.bury({one.event()}, "database") : instance.bury({one.undecoded()}, "crash");
        letters.push_back(&one);
      }
      if (!letters.empty() && pick(3) == 0) redrive();
    }
    while (!letters.empty()) redrive();
    CHECK(dump(dsn, kSums) == dump(whole, kSums));
    CHECK(dump(dsn, "SELECT count(*) > 0 FROM weir.superseding_changes") == "t\n");
  }
}

TEST_CASE("a letter older than a change that was taken is superseded, by whichever instance, until every change of its row is frozen") {
  const ExecutionId row{id(7)};
  const ExecutionRow early = execution(1, kStart);
  const ExecutionRow late = execution(1, kStart + std::chrono::minutes{6});
  const Change first{row, std::nullopt, early, 1};
  const Change second{row, early, late, 2};
  constexpr const char* kTotals = "SELECT to_char(window_start, 'HH24:MI'), total_tasks FROM agent_metrics ORDER BY window_start";
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.bury({first.event()}, "database");
  instance.apply({second.event()});
  CHECK(dump(dsn, kTotals) == "12:00|0\n12:05|1\n");
  Instance other(dsn);
  CHECK(reason(other.apply({first.event(true)})[0]) == "superseded");
  CHECK(dump(dsn, kTotals) == "12:00|0\n12:05|1\n");
  other.close(kStart + std::chrono::days{31});
  CHECK(dump(dsn, "SELECT count(*) FROM weir.superseding_changes") == "0\n");
  CHECK(reason(other.apply({first.event(true)})[0]) == "frozen");
  CHECK(dump(dsn, kTotals).starts_with("12:00|0\n12:05|1\n"));
}

TEST_CASE("a letter in one unit of work with new changes of its row is not confused with them") {
  const ExecutionId row{id(7)};
  const ExecutionRow early = execution(1, kStart);
  const ExecutionRow late = execution(1, kStart + std::chrono::minutes{6});
  const Change first{row, std::nullopt, early, 1};
  const Change second{row, early, late, 2};
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.bury({first.event()}, "database");
  const auto outcomes = instance.apply({second.event(), first.event(true)});
  CHECK(reason(outcomes[0]) == "done");
  CHECK(reason(outcomes[1]) == "superseded");
  CHECK(dump(dsn, "SELECT sum(total_tasks) FROM agent_metrics") == "1\n");
}

TEST_CASE("an agent's letters give the same life and statuses, however late they are redriven") {
  const auto minute = [](int number) { return kStart + std::chrono::minutes{number}; };
  const AgentRow born = agent_row(1, AgentStatus::kIdle, kStart);
  const AgentRow busy = agent_row(1, AgentStatus::kBusy, minute(6));
  const AgentRow offline = agent_row(1, AgentStatus::kOffline, minute(12));
  const Events events{agent_change(std::nullopt, born, 1, kStart), agent_change(born, busy, 2, minute(6)),
                      agent_change(busy, offline, 3, minute(12)), agent_change(offline, std::nullopt, 4, minute(18))};
  constexpr const char* kLives = R"(
    SELECT to_char(window_start, 'HH24:MI'), known_us, up_us, available_us FROM agent_metrics ORDER BY window_start)";
  const std::string whole = database_known_from(kBegin);
  Instance undisturbed(whole);
  undisturbed.apply(events);
  undisturbed.close(minute(40));
  for (const std::size_t dead : {0, 1, 2, 3}) {
    CAPTURE(dead);
    const std::string dsn = database_known_from(kBegin);
    Instance instance(dsn);
    for (std::size_t i = 0; i < events.size(); ++i) {
      i == dead ? instance.bury({events[i]}, "database") : static_cast<void>(instance.apply({events[i]}));
    }
    instance.close(minute(40));
    events[dead]->redriven = true;
    CHECK(reason(instance.apply({events[dead]})[0]) == "done");
    events[dead]->redriven = false;
    instance.close(minute(40));
    CHECK(dump(dsn, kLives) == dump(whole, kLives));
    CHECK(dump(dsn, "SELECT created_at, deleted_at FROM weir.agent_lifetimes") ==
          dump(whole, "SELECT created_at, deleted_at FROM weir.agent_lifetimes"));
  }
}

TEST_CASE("an action's letter counts once, in its window, also where its repeat was taken first") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  const auto lost = acted("1", kStart + std::chrono::minutes{0});
  const auto repeated = acted("2", kStart + std::chrono::minutes{1});
  instance.bury({lost, repeated}, "database");
  instance.apply({acted("2", kStart + std::chrono::minutes{1}), acted("3", kStart + std::chrono::minutes{6})});
  instance.close(kStart + std::chrono::minutes{30});
  lost->redriven = repeated->redriven = true;
  const auto outcomes = instance.apply({lost, repeated});
  CHECK(reason(outcomes[0]) == "done");
  CHECK(reason(outcomes[1]) == "duplicate");
  CHECK(dump(dsn, "SELECT to_char(window_start, 'HH24:MI'), events, first_time_users FROM engagement_rollups ORDER BY window_start") ==
        "12:00|2|1\n12:05|1|0\n");
}
