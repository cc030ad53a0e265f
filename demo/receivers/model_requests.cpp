#include "demo/receivers/model_requests.hpp"

#include <simdjson.h>

#include <algorithm>

namespace weir::demo {
namespace {

using simdjson::dom::element;

constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;

std::string header(const Request& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

std::string text_at(const element& document, const char* name) {
  std::string_view text;
  return document[name].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

std::vector<std::string> placeholders_in(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t at = text.find("[[P"); at != std::string_view::npos; at = text.find("[[P", at + 1)) {
    const std::size_t close = text.find("]]", at);
    if (close == std::string_view::npos) break;
    std::string one(text.substr(at, close + 2 - at));
    if (std::ranges::find(found, one) == found.end()) found.push_back(std::move(one));
  }
  return found;
}

/// The message of a role; the last, where there are several.
std::string content_of(const element& document, std::string_view role) {
  simdjson::dom::array messages;
  std::string content;
  if (document["messages"].get(messages) != simdjson::SUCCESS) return content;
  for (const element message : messages) {
    if (text_at(message, "role") == role) content = text_at(message, "content");
  }
  return content;
}

void refuse(ModelRequest& request, int status, std::string fault) {
  if (request.fault_status != 0) return;
  request.fault_status = status;
  request.fault = std::move(fault);
}

/// A schema as both providers ask for: a closed object, all of whose members are required.
void read_schema(const element& schema, ModelRequest& request) {
  bool is_open = true;
  simdjson::dom::array required;
  simdjson::dom::object properties;
  const bool is_closed = schema["additionalProperties"].get(is_open) == simdjson::SUCCESS && !is_open;
  if (text_at(schema, "type") != "object" || !is_closed || schema["required"].get(required) != simdjson::SUCCESS ||
      schema["properties"].get(properties) != simdjson::SUCCESS || required.size() != properties.size())
    return refuse(request, kBadRequest, "the schema is no closed object");
  simdjson::dom::array labels;
  if (schema["properties"]["evidence"]["items"]["enum"].get(labels) != simdjson::SUCCESS) return;
  for (const element label : labels) {
    std::string_view text;
    if (label.get(text) == simdjson::SUCCESS) request.labels.emplace_back(text);
  }
}

void read_anthropic(const Request& raw, const element& body, ModelRequest& request) {
  // A key comes in the one header or in the other, as clients of different age send it.
  const bool has_key = header(raw, "x-api-key") == kAnthropicKey || header(raw, "authorization") == std::string("Bearer ") + kAnthropicKey;
  if (!has_key) refuse(request, kUnauthorized, "invalid x-api-key");
  if (header(raw, "anthropic-version").size() != std::string_view("2023-06-01").size())
    refuse(request, kBadRequest, "anthropic-version: header is required");
  request.system = text_at(body, "system");
  if (body["max_tokens"].get(request.most_output) != simdjson::SUCCESS) refuse(request, kBadRequest, "max_tokens: Field required");
  element schema;
  std::string_view type;
  const auto format = body["output_config"]["format"];
  if (format["type"].get(type) != simdjson::SUCCESS || type != "json_schema" || format["schema"].get(schema) != simdjson::SUCCESS)
    return refuse(request, kBadRequest, "output_config.format.schema: Field required");
  read_schema(schema, request);
}

void read_openai(const Request& raw, const element& body, ModelRequest& request) {
  if (header(raw, "authorization") != std::string("Bearer ") + kOpenaiKey) refuse(request, kUnauthorized, "Incorrect API key provided");
  request.system = content_of(body, "system");
  if (body["max_completion_tokens"].get(request.most_output) != simdjson::SUCCESS) refuse(request, kBadRequest, "no limit of tokens");
  element schema;
  std::string_view type;
  std::string_view name;
  const auto format = body["response_format"];
  if (format["type"].get(type) != simdjson::SUCCESS || type != "json_schema" ||
      format["json_schema"]["schema"].get(schema) != simdjson::SUCCESS)
    return refuse(request, kBadRequest, "Missing required parameter: 'response_format.json_schema'");
  if (format["json_schema"]["name"].get(name) != simdjson::SUCCESS || name.empty())
    refuse(request, kBadRequest, "Missing required parameter: name");
  read_schema(schema, request);
}

}  // namespace

std::optional<ModelRequest> read_model_request(const Request& raw) {
  const bool is_anthropic = raw.target == "/v1/messages";
  if (!is_anthropic && raw.target != "/v1/chat/completions") return std::nullopt;
  ModelRequest request{.provider = is_anthropic ? ModelProvider::kAnthropic : ModelProvider::kOpenai};
  simdjson::dom::parser parser;
  element body;
  simdjson::dom::object object;
  if (parser.parse(raw.body).get(body) != simdjson::SUCCESS || body.get(object) != simdjson::SUCCESS) {
    refuse(request, kBadRequest, "the body is no JSON object");
    return request;
  }
  request.model = text_at(body, "model");
  if (request.model.empty()) refuse(request, kBadRequest, "model: Field required");
  request.text = content_of(body, "user");
  request.placeholders = placeholders_in(request.text);
  if (request.text.empty()) refuse(request, kBadRequest, "messages: no message of the user");
  if (is_anthropic) {
    read_anthropic(raw, body, request);
  } else {
    read_openai(raw, body, request);
  }
  return request;
}

}  // namespace weir::demo
