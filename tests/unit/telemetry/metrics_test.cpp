// Metrics as Prometheus reads them.
#include "common/telemetry/metrics.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace telemetry = weir::telemetry;
using telemetry::MetricRow;
using telemetry::MetricType;

namespace {

constexpr MetricRow kEvents{"weir_events_total", MetricType::kCounter, "Events by how they ended."};
constexpr MetricRow kLag{"weir_consumer_lag_records", MetricType::kGauge, "Records not yet done."};
constexpr MetricRow kDuration{"weir_batch_duration_seconds", MetricType::kHistogram, "One batch."};

bool has_line(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line + "\n") != std::string::npos; }

}  // namespace

TEST_CASE("each family is written with its help, its type and one line a series") {
  telemetry::Metrics metrics;
  metrics.add(kEvents, {{"outcome", "done"}});
  metrics.add(kEvents, {{"outcome", "done"}}, 2);
  metrics.add(kEvents, {{"outcome", "dead"}});
  metrics.set(kLag, {}, 7);
  const std::string text = metrics.text();
  CHECK(has_line(text, "# HELP weir_events_total Events by how they ended."));
  CHECK(has_line(text, "# TYPE weir_events_total counter"));
  CHECK(has_line(text, "weir_events_total{outcome=\"done\"} 3"));
  CHECK(has_line(text, "weir_events_total{outcome=\"dead\"} 1"));
  CHECK(has_line(text, "weir_consumer_lag_records 7"));
}

TEST_CASE("a histogram counts into its buckets") {
  telemetry::Metrics metrics;
  metrics.observe(kDuration, {}, 0.003);
  metrics.observe(kDuration, {}, 100);
  const std::string text = metrics.text();
  CHECK(has_line(text, "weir_batch_duration_seconds_count 2"));
  CHECK(has_line(text, "weir_batch_duration_seconds_bucket{le=\"0.0025\"} 0"));
  CHECK(has_line(text, "weir_batch_duration_seconds_bucket{le=\"0.005\"} 1"));
  CHECK(has_line(text, "weir_batch_duration_seconds_bucket{le=\"+Inf\"} 2"));
}

TEST_CASE("a series that was removed is gone and begins anew, under any order of its labels") {
  telemetry::Metrics metrics;
  metrics.set(kLag, {{"topic", "t"}, {"partition", "0"}}, 5);
  metrics.set(kLag, {{"partition", "0"}, {"topic", "t"}}, 6);
  metrics.remove(kLag, {{"topic", "t"}, {"partition", "0"}});
  CHECK(metrics.text().find("weir_consumer_lag_records{") == std::string::npos);
  metrics.set(kLag, {{"partition", "0"}, {"topic", "t"}}, 1);
  CHECK(has_line(metrics.text(), "weir_consumer_lag_records{partition=\"0\",topic=\"t\"} 1"));
}

TEST_CASE("a sampled gauge has the value of the moment at which the metrics are read") {
  telemetry::Metrics metrics;
  int waiting = 3;
  metrics.sample(kLag, {{"topic", "t"}}, [&waiting] { return static_cast<double>(waiting); });
  CHECK(has_line(metrics.text(), "weir_consumer_lag_records{topic=\"t\"} 3"));
  waiting = 5;
  CHECK(has_line(metrics.text(), "weir_consumer_lag_records{topic=\"t\"} 5"));
}

TEST_CASE("threads that count at once lose nothing") {
  telemetry::Metrics metrics;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&metrics] {
      for (int turn = 0; turn < 5'000; ++turn) metrics.add(kEvents, {{"outcome", "done"}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(has_line(metrics.text(), "weir_events_total{outcome=\"done\"} 20000"));
}
