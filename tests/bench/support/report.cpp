#include "tests/bench/support/report.hpp"

#include "common/core/json.hpp"
#include "common/core/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace weir::bench {

namespace {

constexpr std::array<std::string_view, 4> kUnits{"events/s", "rows/s", "messages/s", "s"};

/// Four significant digits for a person: 312,400 · 3.412 · 0.08512.
std::string readable(double value) {
  if (std::abs(value) < 1'000) return fmt::format("{:.4g}", value);
  std::string digits = fmt::format("{:.0f}", std::abs(value));
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return (value < 0 ? "-" : "") + digits;
}

}  // namespace

void Report::own(std::string name, double value, std::string unit) {
  WEIR_ASSERT(!has_own_);
  WEIR_ASSERT(std::find(kUnits.begin(), kUnits.end(), unit) != kUnits.end());
  has_own_ = true;
  lines_.insert(lines_.begin(), {std::move(name), value, std::move(unit)});
}

void Report::floor(std::string name, double value, std::string unit) {
  WEIR_ASSERT(name.find("floor") != std::string::npos);
  figure(std::move(name), value, std::move(unit));
}

void Report::figure(std::string name, double value, std::string unit) { lines_.push_back({std::move(name), value, std::move(unit)}); }

std::string Report::text() const {
  WEIR_ASSERT(has_own_);
  std::string out;
  if (form_ == Form::kTable) {
    add_table(out);
    return out;
  }
  for (const Line& line : lines_) {
    JsonWriter(out).begin_object().member("name", line.name).member("value", line.value).member("unit", line.unit).end_object();
    out += '\n';
  }
  return out;
}

void Report::add_table(std::string& out) const {
  std::size_t names = 0;
  std::size_t values = 0;
  for (const Line& line : lines_) {
    names = std::max(names, line.name.size());
    values = std::max(values, readable(line.value).size());
  }
  out += title_ + "\n";
  for (const Line& line : lines_) out += fmt::format("  {:<{}}  {:>{}} {}\n", line.name, names, readable(line.value), values, line.unit);
  for (const std::string& note : notes_) out += note + "\n";
}

void Report::print() const {
  const std::string all = text();
  std::fwrite(all.data(), 1, all.size(), stdout);
  std::fflush(stdout);
}

}  // namespace weir::bench
