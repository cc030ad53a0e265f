// Metrics over prometheus-cpp. Its families look series up by a map of labels under a lock; here each series is found by one
// hash of its name and labels, so that a counter in a hot loop costs a lookup and an atomic addition.
#include "common/telemetry/metrics.hpp"

#include "common/core/hash.hpp"
#include "common/core/result.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <variant>

namespace weir::telemetry {

namespace {

using Series = std::variant<prometheus::Counter*, prometheus::Gauge*, prometheus::Histogram*>;
using Family = std::variant<prometheus::Family<prometheus::Counter>*, prometheus::Family<prometheus::Gauge>*,
                            prometheus::Family<prometheus::Histogram>*>;

const prometheus::Histogram::BucketBoundaries& buckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                                0.5,   1,      2.5,   5,    10,    30,   60};
  return kBuckets;
}

struct KeyHash {
  std::size_t operator()(const std::string& key) const { return stable_hash(key); }
};

/// Name and labels with separators that no name and no sensible label holds.
std::string series_key(const MetricRow& row, const Labels& labels) {
  std::string key(row.name);
  for (const auto& [name, value] : labels) {
    key += '\x01';
    key += name;
    key += '\x02';
    key += value;
  }
  return key;
}

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  // Updates share the lock; only a new or a removed series takes it alone.
  std::shared_mutex mutex;
  std::unordered_map<std::string, Series, KeyHash> series;
  std::unordered_map<std::string, Family> families;

  struct Sampled {
    MetricRow row;
    Labels labels;
    std::function<double()> value;
  };
  std::mutex sampled_mutex;
  std::vector<Sampled> sampled;

  template <class Metric, class Use>
  void with(const MetricRow& row, const Labels& labels, Use use) {
    const std::string key = series_key(row, labels);
    {
      const std::shared_lock lock(mutex);
      const auto found = series.find(key);
      if (found != series.end()) return use(**std::get_if<Metric*>(&found->second));
    }
    const std::unique_lock lock(mutex);
    const auto found = series.find(key);
    if (found != series.end()) return use(**std::get_if<Metric*>(&found->second));
    const Series made = make(row, labels);
    series.emplace(key, made);
    use(**std::get_if<Metric*>(&made));
  }

  Family& family(const MetricRow& row) {
    const std::string name(row.name);
    const auto found = families.find(name);
    if (found != families.end()) return found->second;
    const std::string help(row.help);
    const auto made = [&]() -> Family {
      switch (row.type) {
        case MetricType::kCounter:
          return &prometheus::BuildCounter().Name(name).Help(help).Register(registry);
        case MetricType::kGauge:
          return &prometheus::BuildGauge().Name(name).Help(help).Register(registry);
        case MetricType::kHistogram:
          break;
      }
      return &prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }();
    return families.emplace(name, made).first->second;
  }

  Series make(const MetricRow& row, const Labels& labels) {
    const prometheus::Labels map(labels.begin(), labels.end());
    Family& found = family(row);
    switch (row.type) {
      case MetricType::kCounter:
        return &std::get<0>(found)->Add(map);
      case MetricType::kGauge:
        return &std::get<1>(found)->Add(map);
      case MetricType::kHistogram:
        break;
    }
    return &std::get<2>(found)->Add(map, buckets());
  }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::add(const MetricRow& row, const Labels& labels, double amount) {
  WEIR_ASSERT(row.type == MetricType::kCounter && row.name.ends_with("_total") && amount >= 0);
  state_->with<prometheus::Counter>(row, labels, [amount](prometheus::Counter& counter) { counter.Increment(amount); });
}

void Metrics::set(const MetricRow& row, const Labels& labels, double value) {
  WEIR_ASSERT(row.type == MetricType::kGauge);
  state_->with<prometheus::Gauge>(row, labels, [value](prometheus::Gauge& gauge) { gauge.Set(value); });
}

void Metrics::sample(const MetricRow& row, const Labels& labels, std::function<double()> value) {
  const std::lock_guard lock(state_->sampled_mutex);
  state_->sampled.push_back({row, labels, std::move(value)});
}

void Metrics::observe(const MetricRow& row, const Labels& labels, double seconds) {
  WEIR_ASSERT(row.type == MetricType::kHistogram);
  state_->with<prometheus::Histogram>(row, labels, [seconds](prometheus::Histogram& histogram) { histogram.Observe(seconds); });
}

void Metrics::remove(const MetricRow& row, const Labels& labels) {
  const std::unique_lock lock(state_->mutex);
  const auto found = state_->series.find(series_key(row, labels));
  if (found == state_->series.end()) return;
  const Series gone = found->second;
  // The same series may be known under another order of its labels.
  std::erase_if(state_->series, [&gone](const auto& entry) { return entry.second == gone; });
  Family& family = state_->family(row);
  if (const auto* counter = std::get_if<0>(&gone)) std::get<0>(family)->Remove(*counter);
  if (const auto* gauge = std::get_if<1>(&gone)) std::get<1>(family)->Remove(*gauge);
  if (const auto* histogram = std::get_if<2>(&gone)) std::get<2>(family)->Remove(*histogram);
}

std::string Metrics::text() const {
  {
    const std::lock_guard lock(state_->sampled_mutex);
    for (const auto& [row, labels, value] : state_->sampled) {
      const double now = value();
      state_->with<prometheus::Gauge>(row, labels, [now](prometheus::Gauge& gauge) { gauge.Set(now); });
    }
  }
  return prometheus::TextSerializer{}.Serialize(state_->registry.Collect());
}

}  // namespace weir::telemetry
