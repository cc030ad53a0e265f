#include "consumers/notifications/providers/payload.hpp"

#include "common/core/json.hpp"
#include "common/events/json_text.hpp"

namespace weir::notifications {

namespace {

/// `keep` gets the value while its document is there.
template <class Value, class Keep>
void at(std::string_view json, std::initializer_list<std::string_view> path, const Keep& keep) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(json.data(), json.size()).get(element) != simdjson::SUCCESS) return;
  for (const std::string_view name : path) {
    if (element[name].get(element) != simdjson::SUCCESS) return;
  }
  Value value{};
  if (element.get(value) == simdjson::SUCCESS) keep(value);
}

}  // namespace

bool each_member(std::string_view json, const std::function<void(std::string_view name, std::string_view value)>& member) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) return false;
  for (const auto& [name, value] : object) member(name, simdjson::minify(value));
  return true;
}

std::optional<std::string> text_at(std::string_view json, std::initializer_list<std::string_view> path) {
  std::optional<std::string> found;
  at<std::string_view>(json, path, [&](std::string_view text) { found = text; });
  return found;
}

std::optional<std::int64_t> number_at(std::string_view json, std::initializer_list<std::string_view> path) {
  std::optional<std::int64_t> found;
  at<std::int64_t>(json, path, [&](std::int64_t number) { found = number; });
  return found;
}

std::string payload_of(const Outgoing& message, const std::optional<Uuid>& id) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  if (id) writer.member("id", id->text());
  const bool is_object = each_member(message.body, [&](std::string_view name, std::string_view value) {
    if (!id || name != "id") writer.name(name).json(value);
  });
  if (!is_object) writer.member("subject", message.subject).member("body", message.body);
  writer.end_object();
  return out;
}

}  // namespace weir::notifications
