// weir cdc as a real process that is killed while it streams: the topic, read with read_committed, holds each change once, in the order
// of its key, and no source transaction in part at any moment.
#include "tests/component/cdc/fixture.hpp"

#include <simdjson.h>

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <thread>

using namespace weir;
using namespace weir::cdc;

namespace {

constexpr int kRows = 500;
constexpr Milliseconds kLong{240'000};

struct Change {
  std::int64_t row = 0;
  std::int64_t version = 0;
  std::uint64_t transaction = 0;
};

struct Scene : Source {
  std::filesystem::path configuration;
  supervise::Process process;

  explicit Scene(std::int64_t max_transaction_events) {
    sql(connection, "create table item (id bigint primary key, version bigint not null)");
    configuration = testing::scratch() / (slot + ".yaml");
    std::ofstream(configuration) << "kafka:\n  brokers: " << testing::kafka().bootstrap() << "\ncdc:\n  dsn: " << dsn
                                 << "\n  slot: " << slot << "\n  tables: [item]\n  partitions: 1\n  topic_prefix: " << prefix
                                 << "\n  source_name: " << prefix << "\n  position_topic: " << prefix
                                 << ".positions\n  max_transaction_events: " << max_transaction_events
                                 << "\nhttp:\n  ops_listen: 127.0.0.1:0\nlog:\n  format: text\n";
  }
  void start() {
    supervise::Command command;
    command.arguments = {testing::weir_executable(), "cdc", "--config", configuration.string()};
    command.output = testing::scratch() / (slot + ".log");
    process = supervise::Process::spawn(testing::guardian(), command).value();
  }
  void kill_and_start() {
    CHECK(process.kill().signal == SIGKILL);
    start();
  }
  [[nodiscard]] std::vector<Change> changes() const {
    std::vector<Change> all;
    simdjson::dom::parser parser;
    for (const auto& record : read_topic(topic("item"))) {
      const auto value = parser.parse(*record.value);
      all.push_back({value["after"]["id"], value["after"]["version"], value["source"]["txId"]});
    }
    return all;
  }
  [[nodiscard]] std::int64_t published() const {
    const auto admin = kafka::Admin::open(broker()).value();
    const auto range = admin->range(topic("item"), 0);
    return range ? range->end - range->begin : 0;
  }
  /// The last lines that its processes have written, for a test that failed.
  [[nodiscard]] std::string said() const {
    const std::string text = testing::content(testing::scratch() / (slot + ".log"));
    return text.size() > 6'000 ? text.substr(text.size() - 6'000) : text;
  }
  void await_published(std::int64_t offset) {
    REQUIRE_MESSAGE(await(kLong, [&] { return published() >= offset; }), said());
  }
};

/// Every transaction that is seen is seen whole, its changes side by side.
void check_whole(const std::vector<Change>& changes, std::size_t size) {
  std::map<std::uint64_t, std::size_t> seen;
  std::size_t runs = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    ++seen[changes[i].transaction];
    if (i == 0 || changes[i].transaction != changes[i - 1].transaction) ++runs;
  }
  std::size_t broken = 0;
  for (const auto& [transaction, count] : seen) broken += count == size ? 0 : 1;
  CHECK(broken == 0);
  CHECK(runs == seen.size());
}

/// Each row's versions come as 1, 2, 3, …: none is missing, none comes twice, none out of order.
void check_order(const std::vector<Change>& changes) {
  std::map<std::int64_t, std::int64_t> last;
  std::size_t wrong = 0;
  for (const Change& change : changes) wrong += ++last[change.row] == change.version ? 0 : 1;
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("killed three times in 20,000 changes in transactions of 10, each change is there once and no transaction in part") {
  constexpr int kTransactions = 2'000;
  constexpr int kSize = 10;
  Scene scene(1'000'000);
  sql(scene.connection, fmt::format("insert into item select g, 0 from generate_series(0, {}) g", kRows - 1));
  scene.start();
  scene.await_published(kRows);  // the snapshot
  std::thread application([&] {
    postgres::Connection connection = connect(scene.dsn);
    for (int t = 0; t < kTransactions; ++t) {
      const int first = t * kSize % kRows;
      sql(connection, fmt::format("update item set version = version + 1 where id >= {} and id < {}", first, first + kSize));
    }
  });
  // The process is killed while rows are being written, and then twice as soon as it makes progress again, with the changes in hand that
  // came meanwhile.
  std::int64_t killed_at = kRows + kTransactions * kSize / 4;
  for (int kills = 0; kills < 3; ++kills) {
    scene.await_published(std::min<std::int64_t>(killed_at + 1, kRows + kTransactions * kSize));
    scene.kill_and_start();
    killed_at = scene.published();
    auto prefix = scene.changes();
    prefix.erase(prefix.begin(), prefix.begin() + kRows);
    check_whole(prefix, kSize);
  }
  application.join();
  REQUIRE(await(
      kLong, [&] { return scene.changes().size() >= kRows + kTransactions * kSize; }, Milliseconds{500}));
  CHECK_MESSAGE(scene.process.stop(kLong).code == 0, scene.said());
  auto changes = scene.changes();
  CHECK(changes.size() == kRows + kTransactions * kSize);
  changes.erase(changes.begin(), changes.begin() + kRows);
  check_whole(changes, kSize);
  check_order(changes);
}

TEST_CASE("killed three times inside one large transaction, it is taken up where its last part ended") {
  constexpr std::int64_t kSize = 20'000;
  Scene scene(500);
  scene.start();
  REQUIRE(await(kLong, [&] {
    return !scene.connection.script("SELECT FROM pg_replication_slots WHERE active AND slot_name = '" + scene.slot + "'").value().empty();
  }));
  sql(scene.connection, fmt::format("insert into item select g, 1 from generate_series(1, {}) g", kSize));
  std::int64_t killed_at = 0;
  for (int kills = 0; kills < 3; ++kills) {
    scene.await_published(std::min(killed_at + 1, kSize));
    scene.kill_and_start();
    killed_at = scene.published();
  }
  REQUIRE(await(
      kLong, [&] { return scene.changes().size() >= kSize; }, Milliseconds{500}));
  CHECK_MESSAGE(scene.process.stop(kLong).code == 0, scene.said());
  const auto changes = scene.changes();
  CHECK(changes.size() == kSize);
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) wrong += changes[i].row == static_cast<std::int64_t>(i) + 1 ? 0 : 1;
  CHECK(wrong == 0);
}

TEST_CASE("a fault in the configuration ends weir cdc with exit code 78") {
  Scene scene(1'000'000);
  sql(scene.connection, "alter table item drop constraint item_pkey");
  scene.start();
  const auto ended = scene.process.wait_for(kLong);
  REQUIRE(ended.has_value());
  CHECK(ended->code == 78);
}
