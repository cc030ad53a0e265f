// The promise of the tables: a history of changes leaves the same rows for any split, order and interleaving, with restarts, repeated
// refused commits, windows that close in between, and clocks that jump. Derived tables keep it too.
#include "tests/component/rollups/bench_of_instances.hpp"

#include <deque>
#include <random>
#include <set>
#include <sstream>
#include <thread>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kEnd = kStart + std::chrono::hours{2};  // the watermark at the end of every history

class History {
 public:
  explicit History(std::uint32_t seed) : random_(seed) {
    for (int agent = 0; agent < 4; ++agent) live(agent);
    for (int i = 0; i < 60; ++i) run(i);
    for (int i = 0; i < 80; ++i) act(i);
    for (int i = 0; i < 30; ++i) wait(i);
    std::shuffle(events_.begin(), events_.end(), random_);
  }
  [[nodiscard]] const Events& events() const { return events_; }

 private:
  int pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  Instant at(int from, int to) { return kStart + Seconds{pick(from, to)}; }

  void live(int agent) {
    const Instant born = at(0, 600);
    AgentRow row = agent_row(agent, AgentStatus::kIdle, born, born);
    std::int64_t lsn = agent * 100;
    events_.push_back(agent_change(std::nullopt, row, ++lsn, born));
    for (int i = pick(0, 8); i > 0; --i) {
      AgentRow next = row;
      next.status = static_cast<AgentStatus>(pick(0, 4));
      next.status_changed_at = born + Seconds{pick(0, 2000)};
      events_.push_back(agent_change(row, next, ++lsn, born + Seconds{2000}));
      row = next;
    }
    if (pick(0, 2) == 0) events_.push_back(agent_change(row, std::nullopt, ++lsn, at(600, 2400)));
  }

  void run(int number) {
    std::optional<ExecutionRow> row;
    for (int i = pick(1, 5); i > 0; --i) {
      std::optional<ExecutionRow> next;
      if (pick(0, 6) != 0) {
        constexpr std::array kStatus{"running", "completed", "completed", "failed", "cancelled"};
        next = execution(pick(0, 9) == 0 ? 9 : number % 5, at(0, 2400), kStatus[static_cast<std::size_t>(pick(0, 4))]);
        next->execution_time = pick(0, 1'000'000) * kMs / 1000;
        if (next->status == "running") next->completed_at.reset();
        if (pick(0, 2) != 0) next->started_at = at(0, 2400);
        if (pick(0, 1) == 0) next->memory = pick(1, 10) * kMs;
        if (pick(0, 1) == 0) next->rating = pick(0, 5);  // 0 is out of its domain
      }
      events_.push_back(change(row, next, kStart + std::chrono::hours{1}, ExecutionId{id(number)}, ++lsn_));
      row = next;
    }
  }

  /// A task that is queued, taken, put back and deleted.
  void wait(int number) {
    std::optional<TaskRow> row;
    for (int i = pick(1, 4); i > 0; --i) {
      std::optional<TaskRow> next;
      if (pick(0, 6) != 0) next = task(pick(0, 1) == 0, row && pick(0, 2) != 0 ? row->enqueued_at : at(-600, 2400), at(0, 2400));
      if (next && number % 10 == 0) next->organization = OrganizationId{id(2)};
      events_.push_back(task_change(row, next));
      row = next;
    }
  }

  void act(int number) {
    const OrganizationId organization{id(1)};
    const ActionFact fact{action_event_id(organization, "app", std::to_string(number)),
                          organization,
                          "click",
                          at(0, 2400),
                          UserId{id(pick(1, 9))},
                          std::to_string(pick(1, 20))};
    for (int copies = pick(1, 2); copies > 0; --copies) events_.push_back(event_of(ActionFact(fact)));
  }

  std::mt19937 random_;
  std::uint64_t lsn_ = 0;
  Events events_;
};

std::string in_one_go(const Events& events) {
  const std::string dsn = database_known_from(kStart - std::chrono::hours{1});
  Instance instance(dsn);
  instance.apply(events);
  instance.close(kEnd);
  return settled_rows(dsn);
}

/// Three partitions over two instances that restart, fail to commit, and close windows while late events are still to come.
std::string in_pieces(const Events& events, std::uint32_t seed) {
  const std::string dsn = database_known_from(kStart - std::chrono::hours{1});
  std::mt19937 random(seed);
  const auto pick = [&](int to) { return std::uniform_int_distribution<int>(0, to)(random); };
  std::array<std::deque<std::shared_ptr<runtime::Event>>, 3> partitions;
  for (const auto& event : events) partitions[static_cast<std::size_t>(pick(2))].push_back(event);
  std::array<std::unique_ptr<Instance>, 2> instances;
  Instant watermark = kStart;
  const auto left = [&] { return !partitions[0].empty() || !partitions[1].empty() || !partitions[2].empty(); };
  while (left()) {
    const auto partition = static_cast<std::size_t>(pick(2));
    auto& instance = instances[partition % 2];
    if (!instance || pick(5) == 0) {
      Options options = by_default();
      options.fresh_rows = pick(2) == 0 ? 1 : options.fresh_rows;  // even few new rows are inserted without a read, or hardly ever any
      instance = std::make_unique<Instance>(dsn, options);
    }
    instance->watermark = watermark;
    instance->now = kStart + std::chrono::hours{pick(200) - 100};  // the machine's clock jumps
    auto& log = partitions[partition];
    const auto size = std::min(log.size(), static_cast<std::size_t>(1 + pick(20)));
    const Events batch(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(size));
    instance->begin_apply(batch);
    if (pick(4) == 0) {
      instance->roll_back();
      continue;
    }
    instance->commit();
    log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(size));
    if (pick(3) == 0) instance->close(watermark = std::min(watermark + Seconds{pick(400)}, kEnd));
    if (pick(3) == 0) {  // one step of closing and one of deriving, after which this instance may go
      instance->watermark = watermark;
      instance->wake();
      instance->wake();
    }
  }
  instances[0] = std::make_unique<Instance>(dsn);
  instances[0]->close(kEnd);
  return settled_rows(dsn);
}

/// Three instances at once, each with its share of the history, and each closing windows while the others write.
std::string in_parallel(const Events& events, std::uint32_t seed) {
  const std::string dsn = database_known_from(kStart - std::chrono::hours{1});
  const auto work = [&](std::size_t share) {
    std::mt19937 random(seed + static_cast<std::uint32_t>(share));
    Instance instance(dsn);
    Instant watermark = kStart;
    Events batch;
    for (std::size_t i = share; i < events.size(); i += 3) {
      batch.push_back(events[i]);
      if (random() % 6 != 0) continue;
      instance.apply(std::exchange(batch, {}));
      if (random() % 3 == 0) instance.close(watermark = std::min(watermark + Seconds{100}, kEnd));
    }
    instance.apply(batch);
  };
  std::vector<std::thread> threads;
  for (std::size_t share = 0; share < 3; ++share) threads.emplace_back(work, share);
  for (std::thread& thread : threads) thread.join();
  Instance last(dsn);
  last.close(kEnd);
  return settled_rows(dsn);
}

/// The lines that only one of the two has; empty where they are the same.
std::string difference(const std::string& expected, const std::string& found) {
  const auto lines = [](const std::string& text) {
    std::istringstream in(text);
    std::set<std::string> out;
    for (std::string line; std::getline(in, line);) out.insert(line);
    return out;
  };
  const std::set<std::string> a = lines(expected);
  const std::set<std::string> b = lines(found);
  std::string out;
  for (const std::string& line : a) out += b.contains(line) ? "" : "expected " + line + "\n";
  for (const std::string& line : b) out += a.contains(line) ? "" : "found    " + line + "\n";
  return out;
}

}  // namespace

TEST_CASE("instances that write and close at once neither deadlock nor lose a change") {
  for (std::uint32_t seed = 11; seed <= 13; ++seed) {
    CAPTURE(seed);
    const History history(seed);
    CHECK(difference(in_one_go(history.events()), in_parallel(history.events(), seed)) == "");
  }
}

TEST_CASE(
    "one history leaves the same rows however it is split, interleaved, restarted and closed meanwhile, and whatever the clock says") {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const History history(seed);
    const std::string expected = in_one_go(history.events());
    CHECK(std::count(expected.begin(), expected.end(), '\n') > 20);
    CHECK(difference(expected, in_pieces(history.events(), seed)) == "");
  }
}
