// Metrics: each family is one row of data; prometheus-cpp keeps the numbers. Names start with weir_, base units, counters end in _total.
// Whoever updates one often keeps its handle.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace weir::telemetry {

/// Handles are copied like pointers, and hold as long as the Metrics that gave them; that of a gauge until it is removed. Thread-safe.
class Counter {
 public:
  explicit Counter(prometheus::Counter& series) : series_(&series) {}
  void add(double amount = 1) const;  // amount ≥ 0

 private:
  prometheus::Counter* series_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& series) : series_(&series) {}
  void set(double value) const;

 private:
  prometheus::Gauge* series_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& series) : series_(&series) {}
  void observe(std::chrono::duration<double> took) const;

 private:
  prometheus::Histogram* series_;
};

using LabelNames = std::array<std::string_view, 4>;  // "" behind the last
using LabelValues = std::initializer_list<std::string_view>;
using Buckets = std::span<const double>;

/// Upper bounds of the buckets of a histogram, in seconds.
inline constexpr std::array kUpToAMinute{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0};
/// For times that a backlog or an outage makes long.
inline constexpr std::array kUpToADay{0.005, 0.025, 0.05, 0.1,  0.25,  0.5,     1.0,      2.5,
                                      5.0,   10.0,  30.0, 60.0, 300.0, 1'800.0, 10'800.0, 86'400.0};

/// A family: `inline constexpr Metric<Counter> kEvents{"weir_events_total", "Events by how they ended.", {"outcome"}};`
template <class Handle>
struct Metric {
  std::string_view name;
  std::string_view help;
  LabelNames labels{};
  Buckets buckets{};  // of a histogram
};

/// Thread-safe. One object a process, passed to whoever measures.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The series of these values of the labels, made where it is not there yet. Found again by one hash, without making a text.
  [[nodiscard]] Counter of(const Metric<Counter>& metric, LabelValues values = {});
  [[nodiscard]] Gauge of(const Metric<Gauge>& metric, LabelValues values = {});
  [[nodiscard]] Histogram of(const Metric<Histogram>& metric, LabelValues values = {});
  /// A gauge that is asked for its value whenever the metrics are read: for what changes too often to be told each time. `value` is called
  /// from whichever thread reads them, for as long as this object lives.
  void sample(const Metric<Gauge>& metric, LabelValues values, std::function<double()> value);
  /// A gauge of something that is no longer there, such as a partition that left.
  void remove(const Metric<Gauge>& metric, LabelValues values);
  /// The Prometheus text format.
  [[nodiscard]] std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::telemetry
