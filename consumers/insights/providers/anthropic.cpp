#include "consumers/insights/providers/anthropic.hpp"

#include "common/core/json.hpp"
#include "common/events/json_text.hpp"
#include "consumers/insights/providers/tokens.hpp"

namespace weir::insights {

namespace {

std::vector<std::pair<std::string, std::string>> headers(const ModelAccount& account) {
  return {{"x-api-key", account.key}, {"anthropic-version", "2023-06-01"}};
}

std::string body(const Outgoing& outgoing) {
  const ModelAccount& account = *outgoing.account;
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("model", account.model).member("max_tokens", account.most_output);
  if (!account.temperature.empty()) writer.name("temperature").json(account.temperature);
  writer.member("system", outgoing.prompt.system()).name("messages").begin_array().begin_object();
  writer.member("role", "user").member("content", outgoing.prompt.text(outgoing.nonce)).end_object().end_array();
  writer.name("output_config").begin_object().name("format").begin_object().member("type", "json_schema");
  writer.name("schema").json(outgoing.prompt.schema()).end_object().end_object().end_object();
  return out;
}

/// Tokens that were written to, or read from, a cache of the provider are billed too, and are not among input_tokens.
Usage usage_in(const std::string& json) {
  Usage usage{tokens_at(json, {"usage", "input_tokens"}), tokens_at(json, {"usage", "output_tokens"})};
  for (const char* name : {"cache_creation_input_tokens", "cache_read_input_tokens"}) {
    if (usage.in) *usage.in += tokens_at(json, {"usage", name}).value_or(0);
  }
  return usage;
}

std::string_view text_at(const simdjson::dom::element& document, std::string_view name) {
  std::string_view text;
  return document[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

ModelAnswer read(const std::string& json) {
  ModelAnswer answer;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(json).get(document) != simdjson::SUCCESS) {
    answer.fault = "the answer is no JSON";
    return answer;
  }
  answer.usage = usage_in(json);
  answer.id = text_at(document, "id");
  answer.model = text_at(document, "model");
  const std::string_view stop = text_at(document, "stop_reason");
  if (stop == "max_tokens") answer.fault = "the reply was cut at its cap";
  if (stop == "refusal") answer.fault = "the model refused";
  if (answer.fault.empty() && stop != "end_turn") answer.fault = "the reply ended for another reason than its end";
  simdjson::dom::array content;
  if (document["content"].get(content) != simdjson::SUCCESS) return answer;
  for (const simdjson::dom::element block : content) {
    if (text_at(block, "type") == "text") answer.text += text_at(block, "text");
  }
  return answer;
}

}  // namespace

ModelRow anthropic_row() {
  ModelRow row;
  row.name = "anthropic";
  row.label = "Anthropic";
  row.url = "https://api.anthropic.com";
  row.path = "/v1/messages";
  row.model = "claude-haiku-4-5";
  row.headers = headers;
  row.body = body;
  row.read = read;
  return row;
}

}  // namespace weir::insights
