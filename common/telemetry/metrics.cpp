// Metrics over prometheus-cpp. Its families look series up by a map of labels under a lock; here each series is found by one hash of its
// name and values, for those who keep no handle because the values of their labels vary.
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
#include <vector>

namespace weir::telemetry {

namespace {

using Values = std::span<const std::string_view>;

/// A family's name and the values of its labels.
struct Key {
  std::string name;
  std::vector<std::string> values;
};

struct KeyView {
  std::string_view name;
  Values values;
};

struct KeyHash {
  using is_transparent = void;
  template <class AnyKey>
  std::size_t operator()(const AnyKey& key) const {
    std::uint64_t hash = stable_hash(key.name);
    for (const auto& value : key.values) hash = stable_hash(value, hash);
    return hash;
  }
};

struct KeyEqual {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return std::string_view(a.name) == std::string_view(b.name) && std::ranges::equal(a.values, b.values);
  }
};

/// The families of one kind and their series.
template <class Series>
class Shelf {
 public:
  template <class Handle>
  Series& find(prometheus::Registry& registry, const Metric<Handle>& metric, Values values) {
    const KeyView key{metric.name, values};
    {
      const std::shared_lock lock(mutex_);
      const auto found = series_.find(key);
      if (found != series_.end()) return *found->second;
    }
    const std::unique_lock lock(mutex_);
    const auto found = series_.find(key);
    if (found != series_.end()) return *found->second;
    Series& made = add(family(registry, metric), labels_of(metric, values), metric.buckets);
    series_.emplace(Key{std::string(metric.name), {values.begin(), values.end()}}, &made);
    return made;
  }

  template <class Handle>
  void remove(const Metric<Handle>& metric, Values values) {
    const std::unique_lock lock(mutex_);
    const auto found = series_.find(KeyView{metric.name, values});
    if (found == series_.end()) return;
    families_.at(std::string(metric.name))->Remove(found->second);
    series_.erase(found);
  }

 private:
  using Family = prometheus::Family<Series>;

  template <class Handle>
  static prometheus::Labels labels_of(const Metric<Handle>& metric, Values values) {
    prometheus::Labels labels;
    auto value = values.begin();
    for (const std::string_view name : metric.labels) {
      if (name.empty()) break;
      WEIR_ASSERT(value != values.end());
      labels.emplace(name, *value++);
    }
    WEIR_ASSERT(value == values.end());
    return labels;
  }

  template <class Handle>
  Family& family(prometheus::Registry& registry, const Metric<Handle>& metric) {
    const std::string name(metric.name);
    const auto found = families_.find(name);
    if (found != families_.end()) return *found->second;
    return *families_.emplace(name, &builder(static_cast<Series*>(nullptr)).Name(name).Help(std::string(metric.help)).Register(registry))
                .first->second;
  }

  static auto builder(prometheus::Counter*) { return prometheus::BuildCounter(); }
  static auto builder(prometheus::Gauge*) { return prometheus::BuildGauge(); }
  static auto builder(prometheus::Histogram*) { return prometheus::BuildHistogram(); }

  static Series& add(Family& family, const prometheus::Labels& labels, Buckets buckets) {
    if constexpr (std::is_same_v<Series, prometheus::Histogram>) {
      WEIR_ASSERT(!buckets.empty());
      return family.Add(labels, prometheus::Histogram::BucketBoundaries(buckets.begin(), buckets.end()));
    } else {
      return family.Add(labels);
    }
  }

  // Those who look up share the lock; only a new or a removed series takes it alone.
  std::shared_mutex mutex_;
  std::unordered_map<Key, Series*, KeyHash, KeyEqual> series_;
  std::unordered_map<std::string, Family*> families_;
};

}  // namespace

struct Metrics::State {
  struct Sampled {
    Gauge gauge;
    std::function<double()> value;
  };

  prometheus::Registry registry;
  Shelf<prometheus::Counter> counters;
  Shelf<prometheus::Gauge> gauges;
  Shelf<prometheus::Histogram> histograms;
  std::mutex sampled_mutex;
  std::vector<Sampled> sampled;
};

Values span_of(LabelValues values) { return {values.begin(), values.size()}; }

void Counter::add(double amount) const {
  WEIR_ASSERT(amount >= 0);
  series_->Increment(amount);
}

void Gauge::set(double value) const { series_->Set(value); }

void Histogram::observe(std::chrono::duration<double> took) const { series_->Observe(took.count()); }

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter Metrics::of(const Metric<Counter>& metric, LabelValues values) {
  WEIR_ASSERT(metric.name.ends_with("_total"));
  return Counter(state_->counters.find(state_->registry, metric, span_of(values)));
}

Gauge Metrics::of(const Metric<Gauge>& metric, LabelValues values) {
  return Gauge(state_->gauges.find(state_->registry, metric, span_of(values)));
}

Histogram Metrics::of(const Metric<Histogram>& metric, LabelValues values) {
  return Histogram(state_->histograms.find(state_->registry, metric, span_of(values)));
}

void Metrics::sample(const Metric<Gauge>& metric, LabelValues values, std::function<double()> value) {
  const Gauge gauge = of(metric, values);
  const std::lock_guard lock(state_->sampled_mutex);
  state_->sampled.push_back({gauge, std::move(value)});
}

void Metrics::remove(const Metric<Gauge>& metric, LabelValues values) { state_->gauges.remove(metric, span_of(values)); }

std::string Metrics::text() const {
  {
    const std::lock_guard lock(state_->sampled_mutex);
    for (const auto& [gauge, value] : state_->sampled) gauge.set(value());
  }
  return prometheus::TextSerializer{}.Serialize(state_->registry.Collect());
}

}  // namespace weir::telemetry
