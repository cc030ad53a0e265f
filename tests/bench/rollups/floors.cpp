#include "tests/bench/rollups/floors.hpp"

#include "common/postgres/connection.hpp"
#include "common/testing/services.hpp"
#include "consumers/rollups/consumer.hpp"
#include "consumers/rollups/decoders.hpp"
#include "consumers/rollups/metrics_store.hpp"
#include "tests/bench/support/bare_reader.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"
#include "tests/unit/rollups/limits.hpp"

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
    rollups::DigestFold fold{rollups::kLimits};
    std::vector<const runtime::Event*> batch;
    for (const runtime::Event& event : events) batch.push_back(&event);
    fold.add_all(batch);
    done.push_back(std::move(fold.digest));
    events.clear();
  }
};

/// What writes one lane's units, one after the other.
struct Writer {
  explicit Writer(const std::string& dsn) : connection(must(postgres::Connection::open({dsn, "weir bench"}))) {}

  postgres::Connection connection;
  rollups::MetricsStore store{rollups::Options{}.fresh_rows};
  rollups::MetricsCache cache{rollups::Options{}.cached_rows};
  std::int64_t rows = 0;

  void write(rollups::Digest& unit);
};

void Writer::write(rollups::Digest& unit) {
  const SystemClock clock;
  std::vector<rollups::MetricsChange> changes;
  changes.reserve(unit.windows.size());
  for (auto* window : rollups::in_order(unit.windows)) {
    changes.push_back({window->first, std::move(window->second), false, std::nullopt, {}, false, cache.find(window->first)});
  }
  must(connection.begin());
  auto written = must(store.write(connection, changes, clock.now()));
  must(connection.commit());
  rows += static_cast<std::int64_t>(written.size());
  for (rollups::MetricsRow& row : written) cache.put(std::move(row));
}

}  // namespace

ReadFloor read_floor(const kafka::Settings& broker, const std::string& topic, std::int32_t partitions, std::int64_t records,
                     std::size_t lanes, std::size_t unit_records) {
  const auto decoder = rollups::execution_decoder(rollups::kLimits);
  std::vector<Gathering> gathering(lanes);
  ReadFloor floor;
  const double broker_before = tree_cpu_seconds(testing::kafka().id());
  const double own_before = own_cpu_seconds();
  const Stopwatch watch;
  read_bare(broker, topic, partitions, static_cast<std::size_t>(records), [&](std::span<const runtime::Record> batch) {
    for (const runtime::Record& record : batch) {
      Gathering& lane = gathering[static_cast<std::size_t>(record.partition) % lanes];
      auto result = decoder->decode(record);
      if (result.ending) give_up("the bench's own event was not decoded");
      lane.events.push_back({{}, std::move(result.decoded)});
      if (lane.events.size() == unit_records) lane.close();
    }
  });
  for (Gathering& lane : gathering) lane.close();
  floor.cost = {watch.seconds(), own_cpu_seconds() - own_before, 0, tree_cpu_seconds(testing::kafka().id()) - broker_before};
  for (Gathering& lane : gathering) floor.units.push_back(std::move(lane.done));
  return floor;
}

WriteFloor write_floor(const std::string& dsn, Units units) {
  std::vector<Writer> writers;
  for (std::size_t lane = 0; lane < units.size(); ++lane) writers.emplace_back(dsn);
  std::vector<Instant> days;
  for (const auto& [key, delta] : units.front().front().windows) days.push_back(std::chrono::floor<std::chrono::days>(key.start));
  must(rollups::ensure_partitions(writers.front().connection, days));
  const double postgres_before = tree_cpu_seconds(testing::postgres().id());
  const double own_before = own_cpu_seconds();
  const Stopwatch watch;
  {
    std::vector<std::jthread> lanes;
    for (std::size_t lane = 0; lane < units.size(); ++lane) {
      lanes.emplace_back([&, lane] {
        for (rollups::Digest& unit : units[lane]) writers[lane].write(unit);
      });
    }
  }
  WriteFloor floor;
  floor.cost = {watch.seconds(), own_cpu_seconds() - own_before, tree_cpu_seconds(testing::postgres().id()) - postgres_before, 0};
  for (const Writer& writer : writers) floor.rows_written += writer.rows;
  return floor;
}

}  // namespace weir::bench
