#include "consumers/notifications/pure/condition.hpp"

#include "common/events/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace weir::notifications {

namespace {

using Element = simdjson::dom::element;

const std::optional<std::string>* find(const std::optional<Fields>& row, std::string_view column) {
  if (!row) return nullptr;
  const auto found = row->find(column);
  return found == row->end() ? nullptr : &found->second;
}

std::optional<double> number_in(const std::optional<std::string>* value) {
  if (value == nullptr || !*value) return std::nullopt;
  const std::string& text = **value;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

/// The text of a value that a condition may name; false where it is another.
bool read_value(const Element& element, std::optional<std::string>& out) {
  if (element.is_null()) {
    out.reset();
    return true;
  }
  if (element.is_string()) {
    out = std::string(element.get_string().value_unsafe());
    return true;
  }
  if (element.is_bool()) {
    out = element.get_bool().value_unsafe() ? "true" : "false";
    return true;
  }
  if (!element.is_int64()) return false;
  out = std::to_string(element.get_int64().value_unsafe());
  return true;
}

/// "where has what key twice", or "". JSON leaves open which of two equal keys counts, and whoever wrote both may mean the other one.
std::string repetition(const simdjson::dom::object& object, std::string_view where, std::string_view what) {
  std::set<std::string_view> keys;
  for (const auto& [key, value] : object) {
    if (!keys.insert(key).second) return std::string(where) + " has " + std::string(what) + " " + std::string(key) + " twice";
  }
  return "";
}

}  // namespace

/// Reads the members of a condition. Each function gives what is wrong, or "".
struct Condition::Reader {
  static std::string values(const Element& element, std::string_view member, Values& out) {
    simdjson::dom::object columns;
    if (element.get(columns) != simdjson::SUCCESS) return std::string(member) + " is no object";
    if (std::string fault = repetition(columns, member, "the column"); !fault.empty()) return fault;
    for (const auto& [column, wanted] : columns) {
      std::vector<std::optional<std::string>>& list = out[std::string(column)];
      simdjson::dom::array several;
      bool is_known = true;
      if (wanted.get(several) == simdjson::SUCCESS) {
        for (const Element each : several) is_known = read_value(each, list.emplace_back()) && is_known;
      } else {
        is_known = read_value(wanted, list.emplace_back());
      }
      if (!is_known || list.empty())
        return std::string(member) + "/" + std::string(column) + " is no string, whole number, boolean or null";
    }
    return "";
  }

  static std::string operation(const Element& element, std::optional<Operation>& out) {
    const std::string_view name = element.is_string() ? element.get_string().value_unsafe() : std::string_view{};
    if (name == "insert") out = Operation::kInsert;
    if (name == "update") out = Operation::kUpdate;
    if (name == "delete") out = Operation::kDelete;
    return out ? "" : "operation is none of insert, update and delete";
  }

  static std::string changed(const Element& element, std::vector<std::string>& out) {
    simdjson::dom::array columns;
    if (element.get(columns) != simdjson::SUCCESS) return "changed is no list";
    for (const Element column : columns) {
      if (!column.is_string()) return "changed has an entry that is no name of a column";
      out.emplace_back(column.get_string().value_unsafe());
    }
    return "";
  }

  static std::string crossed(const Element& element, std::map<std::string, std::int64_t, std::less<>>& out) {
    simdjson::dom::object columns;
    if (element.get(columns) != simdjson::SUCCESS) return "crossed is no object";
    if (std::string fault = repetition(columns, "crossed", "the column"); !fault.empty()) return fault;
    for (const auto& [column, step] : columns) {
      if (!step.is_int64() || step.get_int64().value_unsafe() <= 0) return "crossed/" + std::string(column) + " is no whole number above 0";
      out[std::string(column)] = step.get_int64().value_unsafe();
    }
    return "";
  }
};

tl::expected<Condition, std::string> Condition::parse(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  if (parser.parse(json.data(), json.size()).get(members) != simdjson::SUCCESS) return tl::unexpected<std::string>("it is no JSON object");
  if (std::string fault = repetition(members, "it", "the member"); !fault.empty()) return tl::unexpected<std::string>(std::move(fault));
  Condition condition;
  for (const auto& [name, element] : members) {
    std::string fault = "it may not have the member " + std::string(name);
    if (name == "operation") fault = Reader::operation(element, condition.operation_);
    if (name == "is") fault = Reader::values(element, "is", condition.is_);
    if (name == "was") fault = Reader::values(element, "was", condition.was_);
    if (name == "changed") fault = Reader::changed(element, condition.changed_);
    if (name == "crossed") fault = Reader::crossed(element, condition.crossed_);
    if (!fault.empty()) return tl::unexpected<std::string>(std::move(fault));
  }
  return condition;
}

bool Condition::fits(const Values& wanted, const std::optional<Fields>& row) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& each) {
    const auto* value = find(row, each.first);
    return value != nullptr && std::find(each.second.begin(), each.second.end(), *value) != each.second.end();
  });
}

bool Condition::matches(const RowEvent& event) const {
  if (operation_ && *operation_ != event.operation) return false;
  const bool is_deleted = event.operation == Operation::kDelete;
  if (!fits(is_, is_deleted ? event.before : event.after) || !fits(was_, event.before)) return false;
  const bool have_changed = std::all_of(changed_.begin(), changed_.end(), [&](const std::string& column) {
    const auto* before = find(event.before, column);
    const auto* after = find(event.after, column);
    return before != nullptr && after != nullptr && *before != *after;
  });
  if (!have_changed) return false;
  return std::all_of(crossed_.begin(), crossed_.end(), [&](const auto& each) {
    const auto before = number_in(find(event.before, each.first));
    const auto after = number_in(find(event.after, each.first));
    const auto step = static_cast<double>(each.second);
    return before && after && std::floor(*before / step) < std::floor(*after / step);
  });
}

}  // namespace weir::notifications
