// Metrics: each family is one row of data; prometheus-cpp keeps the numbers. Names start with weir_, base units, counters end in _total.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::telemetry {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

/// constexpr-friendly row: `inline constexpr MetricRow kEvents{"weir_events_total", MetricType::kCounter, "Events by how they ended."};`
struct MetricRow {
  std::string_view name;
  MetricType type;
  std::string_view help;
};

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Thread-safe. One object a process, passed to whoever measures.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void add(const MetricRow& row, const Labels& labels, double amount = 1);  // counter; amount ≥ 0
  void set(const MetricRow& row, const Labels& labels, double value);       // gauge
  /// A gauge that is asked for its value whenever the metrics are read: for what changes too often to be told each time. `value` is called
  /// from whichever thread reads them, for as long as this object lives.
  void sample(const MetricRow& row, const Labels& labels, std::function<double()> value);
  void observe(const MetricRow& row, const Labels& labels, double seconds);  // histogram, buckets 1 ms … 60 s
  void remove(const MetricRow& row, const Labels& labels);                   // gauge of a partition that left
  /// The Prometheus text format.
  [[nodiscard]] std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::telemetry
