// Metrics as Prometheus reads them.
#include "common/telemetry/metrics.hpp"

#include <doctest/doctest.h>

#include <array>
#include <thread>
#include <vector>

namespace telemetry = weir::telemetry;
using namespace std::chrono_literals;
using telemetry::Counter;
using telemetry::Gauge;
using telemetry::Histogram;
using telemetry::Metric;

namespace {

constexpr std::array kBuckets{0.0025, 0.005, 60.0};
constexpr Metric<Counter> kEvents{"weir_events_total", "Events by how they ended.", {"topic", "outcome"}};
constexpr Metric<Gauge> kLag{"weir_consumer_lag_records", "Records not yet done.", {"topic", "partition"}};
constexpr Metric<Gauge> kRetained{"weir_retained_bytes", "Log kept."};
constexpr Metric<Histogram> kDuration{"weir_batch_duration_seconds", "One batch.", {}, kBuckets};

bool has_line(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line + "\n") != std::string::npos; }

}  // namespace

TEST_CASE("each family is written with its help, its type and one line a series") {
  telemetry::Metrics metrics;
  const Counter done = metrics.of(kEvents, {"t", "done"});
  done.add();
  done.add(2);
  metrics.of(kEvents, {"t", "dead"}).add();
  metrics.of(kRetained).set(7);
  const std::string text = metrics.text();
  CHECK(has_line(text, "# HELP weir_events_total Events by how they ended."));
  CHECK(has_line(text, "# TYPE weir_events_total counter"));
  CHECK(has_line(text, "weir_events_total{outcome=\"done\",topic=\"t\"} 3"));
  CHECK(has_line(text, "weir_events_total{outcome=\"dead\",topic=\"t\"} 1"));
  CHECK(has_line(text, "weir_retained_bytes 7"));
}

TEST_CASE("a series has one number, whoever asked for its handle") {
  telemetry::Metrics metrics;
  metrics.of(kEvents, {"a", "b"}).add();
  metrics.of(kEvents, {"a", "b"}).add();
  metrics.of(kEvents, {"ab", ""}).add();
  CHECK(has_line(metrics.text(), "weir_events_total{outcome=\"b\",topic=\"a\"} 2"));
  CHECK(has_line(metrics.text(), "weir_events_total{outcome=\"\",topic=\"ab\"} 1"));
}

TEST_CASE("a histogram counts into the buckets of its row") {
  telemetry::Metrics metrics;
  const Histogram histogram = metrics.of(kDuration);
  histogram.observe(3ms);
  histogram.observe(100s);
  const std::string text = metrics.text();
  CHECK(has_line(text, "weir_batch_duration_seconds_count 2"));
  CHECK(has_line(text, "weir_batch_duration_seconds_sum 100.003"));
  CHECK(has_line(text, "weir_batch_duration_seconds_bucket{le=\"0.0025\"} 0"));
  CHECK(has_line(text, "weir_batch_duration_seconds_bucket{le=\"0.005\"} 1"));
  CHECK(has_line(text, "weir_batch_duration_seconds_bucket{le=\"60\"} 1"));
  CHECK(has_line(text, "weir_batch_duration_seconds_bucket{le=\"+Inf\"} 2"));
}

TEST_CASE("a gauge that was removed is gone, and begins anew") {
  telemetry::Metrics metrics;
  metrics.of(kLag, {"t", "0"}).set(5);
  metrics.of(kLag, {"t", "1"}).set(6);
  metrics.remove(kLag, {"t", "0"});
  metrics.remove(kLag, {"t", "2"});
  CHECK(metrics.text().find("partition=\"0\"") == std::string::npos);
  CHECK(has_line(metrics.text(), "weir_consumer_lag_records{partition=\"1\",topic=\"t\"} 6"));
  metrics.of(kLag, {"t", "0"}).set(1);
  CHECK(has_line(metrics.text(), "weir_consumer_lag_records{partition=\"0\",topic=\"t\"} 1"));
}

TEST_CASE("a sampled gauge has the value of the moment at which the metrics are read") {
  telemetry::Metrics metrics;
  int waiting = 3;
  metrics.sample(kRetained, {}, [&waiting] { return static_cast<double>(waiting); });
  CHECK(has_line(metrics.text(), "weir_retained_bytes 3"));
  waiting = 5;
  CHECK(has_line(metrics.text(), "weir_retained_bytes 5"));
}

TEST_CASE("threads that count at once lose nothing") {
  telemetry::Metrics metrics;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&metrics] {
      for (int turn = 0; turn < 5'000; ++turn) metrics.of(kEvents, {"t", "done"}).add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(has_line(metrics.text(), "weir_events_total{outcome=\"done\",topic=\"t\"} 20000"));
}
