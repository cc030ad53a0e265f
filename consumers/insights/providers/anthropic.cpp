#include "consumers/insights/providers/anthropic.hpp"

#include "common/core/json.hpp"
#include "consumers/insights/providers/answer_json.hpp"

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
Usage usage_in(const simdjson::dom::element& document) {
  Usage usage{tokens_at(document, {"usage", "input_tokens"}), tokens_at(document, {"usage", "output_tokens"})};
  for (const char* name : {"cache_creation_input_tokens", "cache_read_input_tokens"}) {
    if (usage.in) *usage.in += tokens_at(document, {"usage", name}).value_or(0);
  }
  return usage;
}

void read_members(const simdjson::dom::element& document, ModelAnswer& answer) {
  answer.usage = usage_in(document);
  const std::string_view stop = text_at(document, "stop_reason");
  if (stop == "max_tokens") answer.fault = "the reply was cut at its cap";
  if (stop == "refusal") answer.fault = "the model refused";
  if (answer.fault.empty() && stop != "end_turn") answer.fault = "the reply ended for another reason than its end";
  simdjson::dom::array content;
  if (document["content"].get(content) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element block : content) {
    if (text_at(block, "type") == "text") answer.text += text_at(block, "text");
  }
}

ModelAnswer read(const std::string& json) { return read_answer(json, read_members); }

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
