#include "common/cli/table.hpp"

#include "common/cli/output.hpp"
#include "common/core/json.hpp"
#include "common/core/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace weir::cli {

namespace {

struct ForPerson {
  std::string operator()(std::monostate) const { return "-"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{:.1f}", value); }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(const std::string& value) const {
    if (value.empty()) return "-";
    std::string line = value;
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
  }
};

struct ForProgram {
  JsonWriter& json;
  void operator()(std::monostate) const { json.null(); }
  void operator()(const std::string& value) const { value.empty() ? json.null() : json.value(value); }
  template <class Value>
  void operator()(const Value& value) const {
    json.value(value);
  }
};

/// Counts code points: a terminal gives each one column, for the texts that weir prints.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_number(const Cell& cell) { return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell); }

}  // namespace

Cell time_cell(const std::optional<Instant>& instant) { return instant ? Cell(format_instant(*instant)) : Cell(); }

void Table::add(std::vector<Cell> row) {
  WEIR_ASSERT(row.size() == columns_.size());
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const std::string& column : columns_) widths.push_back(column.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(std::visit(ForPerson(), row[i])));
  }
  std::string out;
  const auto put = [&](std::size_t i, const std::string& text, bool to_the_right) {
    const std::string pad(widths[i] - width_of(text), ' ');
    out += to_the_right ? pad + text : text + pad;
    out += "  ";
  };
  const auto of_numbers = [&](std::size_t i) {
    return std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) { return is_number(row[i]); });
  };
  const auto end_line = [&] {
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) put(i, columns_[i], of_numbers(i));
  end_line();
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) put(i, std::visit(ForPerson(), row[i]), of_numbers(i));
    end_line();
  }
  return out;
}

std::string Table::json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const auto& row : rows_) {
    json.begin_object();
    for (std::size_t i = 0; i < row.size(); ++i) std::visit(ForProgram{json.name(columns_[i])}, row[i]);
    json.end_object();
  }
  json.end_array();
  return out;
}

void print(const std::string& text) {
  const std::string shown = printable(text);
  std::fwrite(shown.data(), 1, shown.size(), stdout);
  if (!text.ends_with('\n')) std::fputc('\n', stdout);
  std::fflush(stdout);
}

}  // namespace weir::cli
