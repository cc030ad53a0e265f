// Reads the media types and the three shapes of a body.
#include "producers/gateway/body.hpp"

#include "common/core/text.hpp"
#include "common/events/rules.hpp"
#include "producers/gateway/binary_mode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace weir::gateway {

namespace {

enum class Shape : std::uint8_t { kEvent, kArray, kLines, kEventOrArray, kUnknown };

constexpr std::string_view kAccepted =
    "application/cloudevents+json or application/json (one event), application/cloudevents-batch+json or application/json (an array), "
    "application/x-ndjson (one event a line), or JSON beside ce- headers (the data of one event); the only charset is UTF-8";

/// "application/json; charset=utf-8" → "application/json"; any other charset → "".
std::string media_type(std::string_view content_type) {
  std::string text = lower(content_type);
  std::erase_if(text, [](char character) { return character == ' ' || character == '\t' || character == '"'; });
  const std::size_t charset = text.find(";charset=");
  if (charset != std::string::npos) {
    const std::string name = text.substr(charset + 9, text.find(';', charset + 1) - charset - 9);
    if (name != "utf-8" && name != "utf8") return {};
  }
  return text.substr(0, text.find(';'));
}

Shape shape_of(const std::string& type) {
  if (type == "application/cloudevents+json") return Shape::kEvent;
  if (type == "application/cloudevents-batch+json") return Shape::kArray;
  if (type == "application/json") return Shape::kEventOrArray;
  if (type == "application/x-ndjson" || type == "application/ndjson") return Shape::kLines;
  return Shape::kUnknown;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

std::vector<std::string_view> lines_of(std::string_view text, std::size_t limit) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() <= limit) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (!is_blank(line)) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

tl::expected<Body, http::Problem> split_array(std::string_view text, events::ActionReader& reader) {
  auto elements = reader.split_array(text);
  if (elements) return Body{.single = false, .events = std::move(*elements)};
  const events::ActionFault& fault = elements.error();
  return tl::unexpected(
      http::Problem{.status = 400, .detail = fault.message, .code = fault.reason, .pointer = fault.pointer, .has_pointer = true});
}

tl::expected<Body, http::Problem> split_shape(Shape shape, std::string_view text, events::ActionReader& reader, const BodyLimits& limits) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool array = first != std::string_view::npos && text[first] == '[';
  switch (shape) {
    case Shape::kEvent:
      break;
    case Shape::kArray:
      return split_array(text, reader);
    case Shape::kLines:
      return Body{.single = false, .events = lines_of(text, limits.max_batch_events)};
    case Shape::kEventOrArray:
      if (array) return split_array(text, reader);
      break;
    case Shape::kUnknown:
      return tl::unexpected(http::problem(415, "unsupported_media_type", fmt::format("Send {}.", kAccepted)));
  }
  return Body{.single = true, .events = {text}};
}

/// The size of the data is judged as that of an event.
tl::expected<Body, http::Problem> binary_body(const http::Request& request, const std::string& type) {
  const bool is_told = !request.header("content-type").empty();
  if (is_told && !events::has_form(events::TextForm::kJsonType, type)) {
    return tl::unexpected(http::problem(415, "unsupported_media_type", "The data beside ce- headers is JSON in UTF-8: application/json."));
  }
  return Body{.single = true, .events = {request.body}, .attributes = attributes_of(request)};
}

}  // namespace

tl::expected<Body, http::Problem> split_body(const http::Request& request, events::ActionReader& reader, const BodyLimits& limits) {
  const std::string type = media_type(request.header("content-type"));
  // The media type alone tells structured mode, in which the attributes may stand in headers too (CloudEvents' HTTP binding, 3 and 3.2.2).
  if (!type.starts_with("application/cloudevents") && is_binary_mode(request)) return binary_body(request, type);
  const Shape shape = shape_of(type);
  if (shape != Shape::kUnknown && is_blank(request.body)) {
    return tl::unexpected(http::problem(400, "no_event", "The body holds no event."));
  }
  if (request.body.size() > limits.max_batch_bytes) {
    return tl::unexpected(http::problem(413, "batch_too_large", fmt::format("A body holds at most {} bytes.", limits.max_batch_bytes)));
  }
  auto body = split_shape(shape, request.body, reader, limits);
  if (!body) return body;
  if (body->events.size() > limits.max_batch_events) {
    return tl::unexpected(http::problem(413, "too_many_events", fmt::format("A batch holds at most {} events.", limits.max_batch_events)));
  }
  return body;
}

}  // namespace weir::gateway
