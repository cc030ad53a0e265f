// 300,000 executions of 1,000 agents in one window of 5 minutes: from decoded changes to committed rows. Prints where the time goes and
// the ratio to a plain INSERT of as many rows by the same client, measured in the same run.
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "consumers/rollups/consumer.hpp"
#include "consumers/rollups/decoders.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

namespace {

using namespace weir;
using namespace weir::rollups;

constexpr int kAgents = 1'000;
constexpr int kEvents = 300'000;
constexpr std::size_t kUnit = 20'000;  // rollups.max_records
constexpr double kFloorSeconds = 1.0;
const Instant kNow = *parse_instant("2026-11-18T12:05:01Z");

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().line().c_str());
    std::exit(static_cast<int>(result.error().exit_code()));
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(clock_.steady() - start_).count(); }

 private:
  SystemClock clock_;
  SteadyInstant start_ = clock_.steady();
};

/// User and system time of a process so far: what carries over from a machine that has other things to do.
double cpu_seconds(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

class Work final : public runtime::UnitOfWork {
 public:
  explicit Work(postgres::Connection& connection) : connection_(connection) {}
  postgres::Connection& connection() override { return connection_; }
  Result<std::optional<Instant>> group_watermark() override { return kNow - Seconds{60}; }

 private:
  postgres::Connection& connection_;
};

/// Each agent is known and took two statuses, so that uptime is computed as in earnest.
constexpr const char* kKnownAgents =
    "INSERT INTO weir.agent_lifetimes SELECT '7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f', "
    "('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '2026-11-18 11:00Z', NULL, 1, 1, '2026-11-18 12:00Z' "
    "FROM generate_series(0, 999) n;"
    "INSERT INTO weir.agent_status_history SELECT organization_id, agent_id, at, 1, 1, status FROM weir.agent_lifetimes, "
    "(VALUES ('2026-11-18 11:00Z'::timestamptz, 'idle'), ('2026-11-18 12:01Z', 'busy')) AS s(at, status);"
    "ANALYZE weir.agent_lifetimes; ANALYZE weir.agent_status_history";

/// A completed execution as weir cdc writes it.
std::string change(int number) {
  const std::string agent = fmt::format("00000000-0000-4000-8000-{:012x}", number % kAgents);
  return fmt::format(
      R"({{"before":null,"after":{{"id":"00000000-0000-4000-9000-{:012x}","organization_id":"7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f",)"
      R"("agent_id":"{}","user_id":null,"task_type":"content_generator","status":"{}","progress":100,"started_at":"2026-11-18T12:00:00.000000Z",)"
      R"("completed_at":"2026-11-18T12:0{}:{:02}.{:06}Z","execution_time_ms":{}.{:03},"memory_mb":{}.5,"cpu_percent":{}.25,)"
      R"("quality_score":0.{:03},"confidence_score":0.{:03},"user_rating":{},"error_message":null,"input":"{{}}","output":null,)"
      R"("created_at":"2026-11-18T11:59:00.000000Z","updated_at":"2026-11-18T12:05:00.000000Z"}},)"
      R"("source":{{"version":"0.1.0","connector":"postgresql","name":"weir.cdc","ts_ms":1795003500000,"snapshot":"false","db":"app",)"
      R"("sequence":"[\"{}\",\"{}\"]","schema":"public","table":"agent_executions","txId":1,"lsn":{},"xmin":null}},)"
      R"("transaction":null,"op":"c","ts_ms":1795003500000}})",
      number, agent, number % 10 == 0 ? "failed" : "completed", number % 5, number % 60, number % 1'000'000, number * 37 % 20'000,
      number % 1'000, number % 900, number % 100, number % 1'000, number % 997, number % 5 + 1, number, number + 1, number + 1);
}

std::vector<runtime::Event> decode_all(const std::vector<std::string>& values) {
  const auto decoder = execution_decoder(TimeLimits{});
  std::vector<runtime::Event> events(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    events[i].record.topic = "weir.cdc.public.agent_executions";
    events[i].record.offset = static_cast<std::int64_t>(i);
    events[i].record.value = values[i];
    auto result = decoder->decode(events[i].record);
    if (!std::holds_alternative<runtime::Decoded>(result)) {
      std::fprintf(stderr, "the bench's own event was not decoded\n");
      std::exit(static_cast<int>(ExitCode::kBug));
    }
    events[i].decoded = std::get<runtime::Decoded>(std::move(result));
  }
  return events;
}

std::vector<std::vector<const runtime::Event*>> units_of(const std::vector<runtime::Event>& events) {
  std::vector<std::vector<const runtime::Event*>> units;
  for (const runtime::Event& event : events) {
    if (units.empty() || units.back().size() == kUnit) units.emplace_back();
    units.back().push_back(&event);
  }
  return units;
}

/// INSERT … SELECT of as many full-width rows as the rollups wrote, into a table of its own where nothing conflicts.
double plain_insert(postgres::Connection& connection, std::size_t rounds) {
  must(connection.script("CREATE TABLE plain (LIKE public.agent_metrics, round integer, PRIMARY KEY (organization_id, agent_id, round))"));
  const Stopwatch watch;
  for (std::size_t round = 0; round < rounds; ++round) {
    must(connection.script(fmt::format("INSERT INTO plain SELECT m.*, {} FROM public.agent_metrics m", round)));
  }
  return watch.seconds();
}

}  // namespace

int main() {
  const std::string dsn = testing::fresh_database();
  auto connection = must(postgres::Connection::open({dsn, "weir bench"}));
  must(migrations::up(connection));
  std::vector<std::string> values;
  for (int i = 0; i < kEvents; ++i) values.push_back(change(i));
  const Stopwatch decoding;
  const auto events = decode_all(values);
  const double decode_seconds = decoding.seconds();
  const auto units = units_of(events);

  const Stopwatch aggregating;
  std::size_t windows = 0;
  for (const auto& unit : units) windows += digest(unit).windows.size();
  const double aggregate_seconds = aggregating.seconds();

  RollupsConsumer consumer{Options{}};
  Work work(connection);
  must(connection.script(kKnownAgents));
  const auto backend = must(connection.identity()).pid;
  const double client_before = cpu_seconds(getpid());
  const double server_before = cpu_seconds(backend);
  const Stopwatch applying;
  for (const auto& unit : units) {
    must(connection.begin());
    must(consumer.apply(unit, work, kNow));
    must(connection.commit());
    consumer.settled(runtime::Settlement::kCommitted);
  }
  const double apply_seconds = applying.seconds();
  const double client_seconds = cpu_seconds(getpid()) - client_before;
  const double server_seconds = cpu_seconds(backend) - server_before;
  const auto rows = must(connection.script("SELECT count(*), sum(total_tasks) FROM public.agent_metrics"));
  if (rows[0].get<int>(0) != kAgents || rows[0].get<int>(1) != kEvents) {
    std::fprintf(stderr, "the rows do not hold what was applied\n");
    return static_cast<int>(ExitCode::kData);
  }
  const double plain_seconds = plain_insert(connection, units.size());
  fmt::print("decode {} changes (runs beside the rest): {:.3f} s, {:.0f} a second\n", kEvents, decode_seconds, kEvents / decode_seconds);
  fmt::print("aggregate into {} deltas: {:.3f} s\n", windows, aggregate_seconds);
  fmt::print("aggregate and write {} rows in {} units of work: {:.3f} s, of it Postgres {:.3f} s\n", windows, units.size(), apply_seconds,
             apply_seconds - aggregate_seconds);
  fmt::print("processor time: {:.2f} s in weir, {:.2f} s in Postgres\n", client_seconds, server_seconds);
  fmt::print("plain INSERT of as many rows inside the server: {:.3f} s; rollups take {:.2f} times that\n", plain_seconds,
             apply_seconds / plain_seconds);
  const bool kept = apply_seconds < kFloorSeconds;
  fmt::print("{}: {:.3f} s against a floor of {:.1f} s\n", kept ? "kept" : "MISSED", apply_seconds, kFloorSeconds);
  return kept ? 0 : 1;
}
