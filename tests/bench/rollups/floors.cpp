#include "tests/bench/rollups/floors.hpp"

#include "common/testing/services.hpp"
#include "consumers/rollups/decoders.hpp"
#include "consumers/rollups/metrics_store.hpp"
#include "tests/bench/support/bare_reader.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace weir::bench {

namespace {

/// One lane's unit of work while it gathers.
struct Gathering {
  std::vector<runtime::Event> events;
  std::vector<rollups::Digest> done;

  void close() {
    if (events.empty()) return;
    std::vector<const runtime::Event*> batch;
    for (const runtime::Event& event : events) batch.push_back(&event);
    done.push_back(rollups::digest(batch));
    events.clear();
  }
};

void write_unit(postgres::Connection& connection, const rollups::Digest& unit, rollups::MetricsCache& cache, std::int64_t& rows) {
  const SystemClock clock;
  std::vector<rollups::MetricsChange> changes;
  for (const auto& [key, delta] : unit.windows) changes.push_back({key, delta, false, std::nullopt, {}});
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  must(connection.begin());
  auto written = must(rollups::write_metrics(connection, changes, cache, clock.now()));
  must(connection.commit());
  rows += static_cast<std::int64_t>(written.size());
  for (rollups::MetricsRow& row : written) {
    const rollups::WindowKey key = row.key;
    cache.insert_or_assign(key, std::move(row));
  }
}

}  // namespace

ReadFloor read_floor(const kafka::Settings& broker, const std::string& topic, std::int32_t partitions, std::int64_t records,
                     std::size_t lanes, std::size_t unit_records) {
  const auto decoder = rollups::execution_decoder(rollups::TimeLimits{});
  std::vector<Gathering> gathering(lanes);
  ReadFloor floor;
  const double broker_before = tree_cpu_seconds(testing::kafka().id());
  const double own_before = own_cpu_seconds();
  const Stopwatch watch;
  read_bare(broker, topic, partitions, static_cast<std::size_t>(records), [&](std::span<const runtime::Record> batch) {
    for (const runtime::Record& record : batch) {
      Gathering& lane = gathering[static_cast<std::size_t>(record.partition) % lanes];
      auto result = decoder->decode(record);
      auto* decoded = std::get_if<runtime::Decoded>(&result);
      if (decoded == nullptr) give_up("the bench's own event was not decoded");
      lane.events.push_back({{}, std::move(*decoded)});
      if (lane.events.size() == unit_records) lane.close();
    }
  });
  for (Gathering& lane : gathering) lane.close();
  floor.cost = {watch.seconds(), own_cpu_seconds() - own_before, 0, tree_cpu_seconds(testing::kafka().id()) - broker_before};
  for (Gathering& lane : gathering) floor.units.push_back(std::move(lane.done));
  return floor;
}

WriteFloor write_floor(const std::string& dsn, const Units& units) {
  std::vector<std::int64_t> rows(units.size(), 0);
  std::vector<postgres::Connection> connections;
  for (std::size_t lane = 0; lane < units.size(); ++lane) connections.push_back(must(postgres::Connection::open({dsn, "weir bench"})));
  std::vector<Instant> days;
  for (const auto& [key, delta] : units.front().front().windows) days.push_back(std::chrono::floor<std::chrono::days>(key.start));
  must(rollups::ensure_partitions(connections.front(), days));
  const double postgres_before = tree_cpu_seconds(testing::postgres().id());
  const double own_before = own_cpu_seconds();
  const Stopwatch watch;
  {
    std::vector<std::jthread> lanes;
    for (std::size_t lane = 0; lane < units.size(); ++lane) {
      lanes.emplace_back([&, lane] {
        rollups::MetricsCache cache;
        for (const rollups::Digest& unit : units[lane]) write_unit(connections[lane], unit, cache, rows[lane]);
      });
    }
  }
  WriteFloor floor;
  floor.cost = {watch.seconds(), own_cpu_seconds() - own_before, tree_cpu_seconds(testing::postgres().id()) - postgres_before, 0};
  for (const std::int64_t written : rows) floor.rows_written += written;
  return floor;
}

}  // namespace weir::bench
