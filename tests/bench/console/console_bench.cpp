// What weir console costs while weir rollups takes a steady stream of events: before anybody looks, and with one page that looks. The
// processor time of the console is that of its process; beside it stands that of its sessions in Postgres.
#include "common/local/scratch.hpp"
#include "common/postgres/connection.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/rollups/events.hpp"
#include "tests/bench/rollups/run.hpp"
#include "tests/bench/rollups/steady_load.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace {

using namespace weir;
using namespace weir::bench;

constexpr Milliseconds kPatience{60'000};

struct Plan {
  std::int64_t rate = 10'000;
  std::int64_t seconds = 20;  // of each part
};

/// One page that looks, and takes everything at once.
class Page {
 public:
  explicit Page(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) give_up("the console does not listen");
    const std::string ask = fmt::format("GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", port);
    static_cast<void>(::send(socket_, ask.data(), ask.size(), MSG_NOSIGNAL));
    thread_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
  }
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
  ~Page() {
    thread_.request_stop();
    thread_.join();
    ::close(socket_);
  }
  [[nodiscard]] std::int64_t snapshots() const { return snapshots_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  void read(const std::stop_token& stop) {
    char bytes[65'536];
    while (!stop.stop_requested()) {
      constexpr int kLookMs = 100;
      pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, kLookMs) <= 0) continue;
      const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
      if (count <= 0) return;
      bytes_ += count;
      // Each event ends with an empty line, which no JSON holds.
      for (std::string_view rest(bytes, static_cast<std::size_t>(count)); !rest.empty();) {
        const std::size_t end = rest.find("\n\n");
        if (end == std::string_view::npos) break;
        ++snapshots_;
        rest.remove_prefix(end + 2);
      }
    }
  }

  int socket_;
  std::atomic<std::int64_t> snapshots_{0};
  std::atomic<std::int64_t> bytes_{0};
  std::jthread thread_;
};

/// The processor time of the console's sessions so far.
double session_seconds(postgres::Connection& connection) {
  const auto rows = must(connection.script("SELECT pid FROM pg_stat_activity WHERE application_name = 'weir console'"));
  double seconds = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) seconds += cpu_seconds(rows[i].get<pid_t>(0));
  return seconds;
}

struct Part {
  double console = 0;  // each a share of one core
  double sessions = 0;
  double rollups = 0;
  double taken = 0;      // events a second, by weir rollups
  double longest_s = 0;  // between two commits of weir rollups, to the length of a look
};

/// Looks at the positions of weir rollups: how many records it has taken, and for how long at most it committed nothing.
class Progress {
 public:
  Progress(postgres::Connection& connection, std::string sql)
      : connection_(connection), sql_(std::move(sql)), first_(now()), last_(first_) {}
  void look() {
    const std::int64_t taken = now();
    if (taken == last_) return;
    longest_s_ = std::max(longest_s_, watch_.seconds() - moved_at_);
    last_ = taken;
    moved_at_ = watch_.seconds();
  }
  [[nodiscard]] double rate() const { return static_cast<double>(last_ - first_) / watch_.seconds(); }
  [[nodiscard]] double longest_s() const { return std::max(longest_s_, watch_.seconds() - moved_at_); }

 private:
  std::int64_t now() { return must(connection_.script(sql_))[0].get<std::int64_t>(0); }

  postgres::Connection& connection_;
  std::string sql_;
  bench::Stopwatch watch_;
  std::int64_t first_;
  std::int64_t last_;
  double moved_at_ = 0;
  double longest_s_ = 0;
};

/// Waits for so many seconds, and says what was used meanwhile.
Part measure(Component& console, const Component& rollups, postgres::Connection& connection, const std::string& topic,
             std::int64_t seconds) {
  const double before = cpu_seconds(console.id());
  const double of_rollups = cpu_seconds(rollups.id());
  const double of_sessions = session_seconds(connection);
  Progress progress(connection, "SELECT sum(next_offset)::bigint FROM weir.consumer_offsets WHERE topic = '" + topic + "'");
  const bench::Stopwatch watch;
  const auto is_over = [&] {
    progress.look();
    return watch.seconds() >= static_cast<double>(seconds);
  };
  console.await("the end of a part", kPatience + Seconds{seconds}, is_over);
  const double took = watch.seconds();
  return {(cpu_seconds(console.id()) - before) / took, (session_seconds(connection) - of_sessions) / took,
          (cpu_seconds(rollups.id()) - of_rollups) / took, progress.rate(), progress.longest_s()};
}

void tell(Report& report, const std::string& name, const Part& part) {
  constexpr double kPercent = 100;
  report.figure(name + ": weir console, share of one core", kPercent * part.console, "%");
  report.figure(name + ": its sessions in Postgres, share of one core", kPercent * part.sessions, "%");
  report.figure(name + ": weir rollups, share of one core", kPercent * part.rollups, "%");
  report.figure(name + ": taken by weir rollups", part.taken, "events/s");
  report.figure(name + ": longest time between two commits of weir rollups", 1e3 * part.longest_s, "ms");
}

void run(Report& report, const Plan& plan) {
  kafka::Settings broker;
  broker.brokers = testing::kafka().bootstrap();
  const std::string prefix = testing::topic_prefix() + "cdc";
  make_topics(broker, prefix);
  const std::string dsn = migrated_database();
  Component rollups("rollups", rollups_environment(broker, dsn, prefix));
  auto connection = must(postgres::Connection::open({dsn, "weir bench"}));
  const auto number = [&](const std::string& sql) { return must(connection.script(sql))[0].get<std::int64_t>(0); };
  const std::string topic = executions_topic(prefix);
  const std::string owned = "SELECT count(*) FROM weir.consumer_offsets WHERE owner IS NOT NULL AND topic = '" + topic + "'";
  rollups.await("its partitions", kPatience, [&] { return number(owned) == kPartitions; });

  const int port = must(local::free_port());
  Component console(
      "console",
      {{"WEIR_KAFKA_BROKERS", broker.brokers}, {"WEIR_POSTGRES_DSN", dsn}, {"WEIR_CONSOLE_LISTEN", fmt::format("127.0.0.1:{}", port)}});
  SteadyLoad load(broker, topic, {plan.rate, 0});
  const bench::Stopwatch warmup;
  console.await("the load", kPatience, [&] { return warmup.seconds() >= 5; });
  const Part unseen = measure(console, rollups, connection, topic, plan.seconds);
  Part seen;
  std::int64_t snapshots = 0;
  {
    const Page page(port);
    console.await("the first snapshots", kPatience, [&] { return page.snapshots() >= 3; });
    const std::int64_t from = page.snapshots();
    const std::int64_t bytes = page.bytes();
    const bench::Stopwatch watch;
    seen = measure(console, rollups, connection, topic, plan.seconds);
    snapshots = page.snapshots() - from;
    report.own("taken by weir rollups while a page looks", seen.taken, "events/s");
    report.figure("snapshots a second", static_cast<double>(snapshots) / watch.seconds(), "1/s");
    report.figure("bytes of a snapshot",
                  static_cast<double>(page.bytes() - bytes) / static_cast<double>(std::max<std::int64_t>(snapshots, 1)), "bytes");
  }
  tell(report, "nobody looks", unseen);
  tell(report, "one page looks", seen);
  report.figure("weir console, peak memory", static_cast<double>(peak_memory_bytes(console.id())) / 1e6, "MB");
  constexpr double kGoal = 0.03;
  report.judge("the console takes less than 3 % of a core", seen.console < kGoal);
  static_cast<void>(load.finish());
  console.stop();
  rollups.stop();
}

}  // namespace

int main(int count, char** words) {
  Plan plan;
  CommandLine line("weir console: its cost beside weir rollups under a steady rate, before anybody looks and with one page that looks.");
  line.option("rate", plan.rate, "events a second").option("seconds", plan.seconds, "of each part");
  Report report = line.parse(count, words);
  run(report, plan);
  report.print();
  return 0;
}
