// Sums of a window and what is derived from them.
#include "consumers/rollups/pure/window.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

constexpr double kUnit = 1e9;  // samples are kept in 10⁻⁹ of their unit

std::optional<double> shown(const Peak& peak, const Measure& measure) {
  if (!peak.value || measure.count <= 0) return std::nullopt;
  return static_cast<double>(*peak.value) / kUnit;
}

bool overstated(const Peak& peak, const Measure& measure) { return peak.value && measure.count > 0 && peak.samples <= 0; }

}  // namespace

Instant window_of(Instant at) {
  const auto since = at.time_since_epoch();
  auto index = since / kWindowLength;
  if (since < index * kWindowLength) --index;
  return Instant{index * kWindowLength};
}

Instant window_from(Instant at) {
  const Instant start = window_of(at);
  return start == at ? start : start + kWindowLength;
}

bool is_closed(Instant window, const std::optional<Instant>& closed_until) {
  return closed_until && window + kWindowLength <= *closed_until;
}

std::size_t WindowKeyHash::operator()(const WindowKey& key) const {
  const UuidHash hash;
  const auto start = static_cast<std::size_t>(unix_us(key.start));
  return (hash(key.agent) * 31 + hash(key.organization)) ^ (start * 0x9E3779B97F4A7C15ULL);
}

void Measure::add(const std::optional<std::int64_t>& sample, int sign) {
  if (!sample) return;
  count += sign;
  sum += sign * static_cast<__int128>(*sample);
}

void Measure::merge(const Measure& other) {
  count += other.count;
  sum += other.sum;
}

std::optional<double> Measure::mean() const {
  if (count <= 0) return std::nullopt;
  return static_cast<double>(static_cast<long double>(sum) / static_cast<long double>(count) / static_cast<long double>(kUnit));
}

void Peak::add(const std::optional<std::int64_t>& sample, int sign) {
  if (sample) merge(Peak{sample, sign});
}

void Peak::merge(const Peak& other) {
  if (!other.value || (value && *value > *other.value)) return;
  if (value == other.value) {
    samples += other.samples;
  } else {
    *this = other;
  }
}

void Aggregate::add(const Contribution& contribution, int sign) {
  switch (contribution.ending) {
    case Ending::kCompleted:
      completed += sign;
      break;
    case Ending::kFailed:
      failed += sign;
      break;
    case Ending::kCancelled:
      cancelled += sign;
      break;
  }
  execution_time.add(contribution.execution_time, sign);
  if (contribution.execution_time) execution_times.add(*contribution.execution_time, sign);
  memory.add(contribution.memory, sign);
  memory_peak.add(contribution.memory, sign);
  cpu.add(contribution.cpu, sign);
  cpu_peak.add(contribution.cpu, sign);
  quality.add(contribution.quality, sign);
  confidence.add(contribution.confidence, sign);
  rating.add(contribution.rating, sign);
}

void Aggregate::merge(const Aggregate& other) {
  completed += other.completed;
  failed += other.failed;
  cancelled += other.cancelled;
  execution_time.merge(other.execution_time);
  execution_times.merge(other.execution_times);
  memory.merge(other.memory);
  memory_peak.merge(other.memory_peak);
  cpu.merge(other.cpu);
  cpu_peak.merge(other.cpu_peak);
  quality.merge(other.quality);
  confidence.merge(other.confidence);
  rating.merge(other.rating);
}

Figures figures_of(const Aggregate& aggregate) {
  Figures figures;
  figures.success_rate = percent_of(aggregate.completed, aggregate.total());
  figures.error_rate = percent_of(aggregate.failed, aggregate.total());
  const double minutes = static_cast<double>(std::chrono::duration_cast<std::chrono::minutes>(kWindowLength).count());
  figures.throughput_per_minute = static_cast<double>(aggregate.total()) / minutes;
  figures.throughput_per_hour = static_cast<double>(aggregate.total()) * 60 / minutes;
  figures.peak_memory_mb = shown(aggregate.memory_peak, aggregate.memory);
  figures.peak_cpu_percent = shown(aggregate.cpu_peak, aggregate.cpu);
  figures.peak_is_upper_bound = overstated(aggregate.memory_peak, aggregate.memory) || overstated(aggregate.cpu_peak, aggregate.cpu);
  return figures;
}

std::optional<double> percent_of(std::int64_t part, std::int64_t whole) {
  if (whole <= 0 || part < 0 || part > whole) return std::nullopt;
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace weir::rollups
