#include "consumers/scoring/pure/json_members.hpp"

#include "common/events/rules.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::scoring {

std::string below(const std::string& pointer, std::string_view step) {
  std::string longer = pointer;
  events::append_step(longer, step);
  return longer;
}

std::string below(const std::string& pointer, std::size_t index) { return fmt::format("{}/{}", pointer, index); }

bool Range::holds(double value) const {
  return (is_above_lowest ? value > lowest : value >= lowest) && (is_below_highest ? value < highest : value <= highest);
}

std::string Range::text() const {
  return fmt::format("{} {} and {} {}", is_above_lowest ? "above" : "at least", lowest, is_below_highest ? "below" : "at most", highest);
}

Members::Members(Element element, std::string pointer, Faults& faults, std::initializer_list<std::string_view> known)
    : pointer_(std::move(pointer)), faults_(&faults) {
  if (element.get_object().get(object_) != simdjson::SUCCESS) {
    faults.push_back({pointer_, "wrong_type", "it must be an object"});
    return;
  }
  is_object_ = true;
  for (const auto& member : object_) {
    if (std::ranges::find(names_, member.key) != names_.end()) {
      fault(member.key, "repeated_key", "it stands twice in its object: which of the two counts?");
      continue;
    }
    names_.push_back(member.key);
    if (known.size() != 0 && std::ranges::find(known, member.key) == known.end()) {
      fault(member.key, "unknown_field", fmt::format("nothing has this name here; known are {}", fmt::join(known, ", ")));
    }
  }
}

bool Members::has(std::string_view name) const { return std::ranges::find(names_, name) != names_.end(); }

std::optional<Element> Members::element(std::string_view name) const {
  Element found;
  if (is_object_ && object_.at_key(name).get(found) == simdjson::SUCCESS) return found;
  if (is_object_) fault(name, "missing_field", "it is missing");
  return std::nullopt;
}

std::optional<std::string> Members::text(std::string_view name, std::size_t max_size) const {
  const auto found = element(name);
  if (!found) return std::nullopt;
  std::string_view text;
  if (found->get_string().get(text) != simdjson::SUCCESS) {
    fault(name, "wrong_type", "it must be a text");
  } else if (text.empty() || events::characters_of(text) > max_size || text.find('\0') != std::string_view::npos) {
    fault(name, "out_of_domain", fmt::format("it must have 1 to {} characters, none of them NUL", max_size));
  } else {
    return std::string(text);
  }
  return std::nullopt;
}

std::optional<double> Members::number(std::string_view name, const Range& range) const {
  const auto found = element(name);
  if (!found) return std::nullopt;
  double value = 0;
  if (!found->is_number() || found->get_double().get(value) != simdjson::SUCCESS) {
    fault(name, "wrong_type", "it must be a number");
  } else if (!range.holds(value)) {
    fault(name, "out_of_domain", "it must be " + range.text());
  } else {
    return value;
  }
  return std::nullopt;
}

std::optional<std::int32_t> Members::integer(std::string_view name, const Range& range) const {
  const auto value = number(name, range);
  if (!value) return std::nullopt;
  if (object_.at_key(name).is_int64()) return static_cast<std::int32_t>(*value);
  fault(name, "wrong_type", "it must be a whole number, without fraction and exponent");
  return std::nullopt;
}

std::optional<bool> Members::boolean(std::string_view name) const {
  const auto found = element(name);
  if (!found) return std::nullopt;
  bool value = false;
  if (found->get_bool().get(value) == simdjson::SUCCESS) return value;
  fault(name, "wrong_type", "it must be true or false");
  return std::nullopt;
}

void Members::fault(std::string_view name, std::string reason, std::string message) const {
  faults_->push_back({pointer_to(name), std::move(reason), std::move(message)});
}

}  // namespace weir::scoring
