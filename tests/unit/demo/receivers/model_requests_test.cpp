// Requests to models are read as their providers read them: the examples are those of the documentation of Anthropic's Messages API with
// structured outputs, and of OpenAI's Chat Completions API with response_format.
#include "demo/receivers/model_requests.hpp"

#include <doctest/doctest.h>

using namespace weir::demo;

namespace {

const std::string kSchema =
    R"({"type":"object","properties":{"title":{"type":"string"},"evidence":{"type":"array","items":{"type":"string","enum":["E1","E2"]}}},)"
    R"("required":["title","evidence"],"additionalProperties":false})";

Request anthropic(const std::string& key = kAnthropicKey, const std::string& format = R"("type":"json_schema")") {
  return {
      .target = "/v1/messages",
      .headers = {{"x-api-key", key}, {"anthropic-version", "2023-06-01"}},
      .body =
          R"({"model":"claude","max_tokens":150,"system":"be kind","messages":[{"role":"user","content":"[[P1:ab]] and [[P2:ab]], [[P1:ab]]"}],)"
          R"("output_config":{"format":{)" +
          format + R"(,"schema":)" + kSchema + "}}}"};
}

Request openai(const std::string& name = R"("name":"insight",)") {
  return {
      .target = "/v1/chat/completions",
      .headers = {{"authorization", std::string("Bearer ") + kOpenaiKey}},
      .body =
          R"({"model":"gpt","max_completion_tokens":150,"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hello"}],)"
          R"("response_format":{"type":"json_schema","json_schema":{)" +
          name + R"("strict":true,"schema":)" + kSchema + "}}}"};
}

}  // namespace

TEST_CASE("a request has its model, its texts, its placeholders and the labels of its schema") {
  const auto one = read_model_request(anthropic());
  REQUIRE(one.has_value());
  CHECK(one->fault.empty());
  CHECK(one->provider == ModelProvider::kAnthropic);
  CHECK(one->model == "claude");
  CHECK(one->system == "be kind");
  CHECK(one->most_output == 150);
  CHECK(one->placeholders == std::vector<std::string>{"[[P1:ab]]", "[[P2:ab]]"});
  CHECK(one->labels == std::vector<std::string>{"E1", "E2"});
  const auto other = read_model_request(openai());
  REQUIRE(other.has_value());
  CHECK(other->fault.empty());
  CHECK(other->provider == ModelProvider::kOpenai);
  CHECK(other->system == "be kind");
  CHECK(other->text == "hello");
}

TEST_CASE("what a provider would refuse is refused with its status") {
  CHECK(read_model_request(anthropic("other"))->fault_status == 401);
  Request bearer = anthropic("other");
  bearer.headers["authorization"] = std::string("Bearer ") + kAnthropicKey;
  CHECK(read_model_request(bearer)->fault.empty());
  CHECK(read_model_request(anthropic(kAnthropicKey, R"("type":"text")"))->fault_status == 400);
  CHECK(read_model_request(openai(""))->fault_status == 400);
  Request open = openai();
  open.body.replace(open.body.find("false"), 5, "true");
  CHECK(read_model_request(open)->fault == "the schema is no closed object");
  CHECK(read_model_request({.target = "/v1/messages", .body = "[]"})->fault == "the body is no JSON object");
  CHECK_FALSE(read_model_request({.target = "/v1/models"}).has_value());
}
