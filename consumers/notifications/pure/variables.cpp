#include "consumers/notifications/pure/variables.hpp"

#include "common/core/json.hpp"
#include "common/events/json_text.hpp"

namespace weir::notifications {

namespace {

using Element = simdjson::dom::element;
using Kind = Variable::Kind;

Variable read(const Element& element) {
  switch (element.type()) {
    case simdjson::dom::element_type::STRING:
      return Variable::of_text(std::string(element.get_string().value_unsafe()));
    case simdjson::dom::element_type::BOOL:
      return {Kind::kBoolean, element.get_bool().value_unsafe() ? "true" : "false"};
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:
      return Variable::of_number(simdjson::minify(element));
    case simdjson::dom::element_type::NULL_VALUE:
      return {};
    case simdjson::dom::element_type::ARRAY: {
      Variable out{Kind::kList};
      const simdjson::dom::array list = element.get_array().value_unsafe();
      for (const Element each : list) out.list.push_back(read(each));
      return out;
    }
    case simdjson::dom::element_type::OBJECT: {
      Variable out{Kind::kObject};
      const simdjson::dom::object members = element.get_object().value_unsafe();
      for (const auto& [name, each] : members) out.members.emplace_back(std::string(name), read(each));
      return out;
    }
  }
  return {};
}

void write(JsonWriter& out, const Variable& variable) {
  switch (variable.kind) {
    case Kind::kNull:
      out.null();
      break;
    case Kind::kBoolean:
    case Kind::kNumber:
      out.json(variable.text);
      break;
    case Kind::kText:
      out.value(variable.text);
      break;
    case Kind::kList:
      out.begin_array();
      for (const Variable& each : variable.list) write(out, each);
      out.end_array();
      break;
    case Kind::kObject:
      out.begin_object();
      for (const auto& [name, each] : variable.members) write(out.name(name), each);
      out.end_object();
      break;
  }
}

void find_longest(Variable& variable, std::string*& longest) {
  if (variable.kind == Kind::kText && (longest == nullptr || variable.text.size() > longest->size())) longest = &variable.text;
  for (Variable& each : variable.list) find_longest(each, longest);
  for (auto& [name, each] : variable.members) find_longest(each, longest);
}

}  // namespace

std::optional<Variables> read_variables(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object members;
  if (parser.parse(json.data(), json.size()).get(members) != simdjson::SUCCESS) return std::nullopt;
  Variables out;
  for (const auto& [name, element] : members) out.insert_or_assign(std::string(name), read(element));
  return out;
}

std::string json_of(const Variables& variables) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  for (const auto& [name, variable] : variables) write(out.name(name), variable);
  out.end_object();
  return text;
}

std::string* longest_text(Variables& variables) {
  std::string* longest = nullptr;
  for (auto& [name, variable] : variables) find_longest(variable, longest);
  return longest;
}

}  // namespace weir::notifications
