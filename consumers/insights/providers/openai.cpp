#include "consumers/insights/providers/openai.hpp"

#include "common/core/json.hpp"
#include "consumers/insights/providers/answer_json.hpp"

namespace weir::insights {

namespace {

std::vector<std::pair<std::string, std::string>> headers(const ModelAccount& account) {
  return {{"Authorization", "Bearer " + account.key}};
}

std::string body(const Outgoing& outgoing) {
  const ModelAccount& account = *outgoing.account;
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("model", account.model).member("max_completion_tokens", account.most_output);
  if (!account.temperature.empty()) writer.name("temperature").json(account.temperature);
  writer.name("messages").begin_array();
  writer.begin_object().member("role", "system").member("content", outgoing.prompt.system()).end_object();
  writer.begin_object().member("role", "user").member("content", outgoing.prompt.text(outgoing.nonce)).end_object().end_array();
  writer.name("response_format").begin_object().member("type", "json_schema").name("json_schema").begin_object();
  writer.member("name", "insight").member("strict", true).name("schema").json(outgoing.prompt.schema());
  writer.end_object().end_object().end_object();
  return out;
}

void read_members(const simdjson::dom::element& document, ModelAnswer& answer) {
  answer.usage = {tokens_at(document, {"usage", "prompt_tokens"}), tokens_at(document, {"usage", "completion_tokens"})};
  simdjson::dom::element choice;
  if (document["choices"].at(0).get(choice) != simdjson::SUCCESS) {
    answer.fault = "the answer has no choice";
    return;
  }
  const std::string_view finish = text_at(choice, "finish_reason");
  if (finish == "length") answer.fault = "the reply was cut at its cap";
  simdjson::dom::element message;
  if (choice["message"].get(message) == simdjson::SUCCESS) {
    answer.text = text_at(message, "content");
    if (!text_at(message, "refusal").empty()) answer.fault = "the model refused";
  }
  if (answer.fault.empty() && finish != "stop") answer.fault = "the reply ended for another reason than its end";
}

ModelAnswer read(const std::string& json) { return read_answer(json, read_members); }

}  // namespace

ModelRow openai_row() {
  ModelRow row;
  row.name = "openai";
  row.label = "OpenAI";
  row.url = "https://api.openai.com";
  row.path = "/v1/chat/completions";
  row.model = "gpt-5.4-mini";
  row.headers = headers;
  row.body = body;
  row.read = read;
  return row;
}

}  // namespace weir::insights
