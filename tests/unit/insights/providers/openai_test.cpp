// Goldens by OpenAI's public documentation: "Create chat completion" of the API reference (headers, body, answer, finish reasons), and
// "Structured outputs" (response_format).
#include "consumers/insights/providers/openai.hpp"

#include "tests/unit/insights/providers/calls.hpp"

#include "common/core/json.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;

namespace {

std::string answer(std::string_view finish_reason, std::string_view content, std::string_view refusal = "null",
                   std::string_view usage = R"({"prompt_tokens":390,"completion_tokens":41,"total_tokens":431})") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object()
      .member("id", "chatcmpl-1")
      .member("object", "chat.completion")
      .member("created", 1'741'569'952)
      .member("model", "model-1-2026");
  writer.name("choices").begin_array().begin_object().member("index", 0).name("message").begin_object().member("role", "assistant");
  writer.member("content", content)
      .name("refusal")
      .json(refusal)
      .end_object()
      .name("logprobs")
      .null()
      .member("finish_reason", finish_reason);
  writer.end_object().end_array().name("usage").json(usage).end_object();
  return out;
}

constexpr std::string_view kReply = R"({"title":"Next","body":"Try it.","evidence":["E2"]})";

}  // namespace

TEST_CASE("a request to OpenAI is as its documentation says, byte for byte") {
  const OneCall one(account_for("openai"));
  const http::Call call = one.call();
  CHECK(call.url == "https://models.example/v1/chat/completions");
  CHECK(header_of(call, "Authorization") == "Bearer key-1");
  CHECK(call.body == R"({"model":"model-1","max_completion_tokens":150,"messages":[{"role":"system","content":)" +
                         json_string(one.outgoing().prompt.system()) + R"(},{"role":"user","content":)" +
                         json_string(one.outgoing().prompt.text("beefcafe")) +
                         R"(}],"response_format":{"type":"json_schema","json_schema":{"name":"insight","strict":true,"schema":)" +
                         one.outgoing().prompt.schema() + "}}}");
  CHECK(body_of(one.outgoing()) == call.body);
}

TEST_CASE("temperature is sent to OpenAI only where it is set") {
  ModelAccount account = account_for("openai");
  account.temperature = "0.7";
  CHECK(OneCall(account).call().body.find(R"("max_completion_tokens":150,"temperature":0.7,"messages":)") != std::string::npos);
}

TEST_CASE("a whole reply of OpenAI is accepted with its usage") {
  const OneCall one(account_for("openai"));
  const auto verdict = one.judge(answer_of(answer("stop", kReply)));
  REQUIRE(std::holds_alternative<delivery::Accepted>(verdict));
  CHECK(std::get<delivery::Accepted>(verdict).provider_id == "chatcmpl-1");
  CHECK(answered(verdict)->wording == Wording{"Next", "Try it.", {2}});
  CHECK(answered(verdict)->usage == Usage{390, 41});
  CHECK(answered(verdict)->model == "model-1-2026");
}

TEST_CASE("a reply of OpenAI that is of no use is a failure, and has its price") {
  const OneCall one(account_for("openai"));
  CHECK(one.verdict(200, answer("length", kReply)) == "postponed: OpenAI: the reply was cut at its cap");
  CHECK(one.verdict(200, answer("content_filter", kReply)) == "postponed: OpenAI: the reply ended for another reason than its end");
  CHECK(one.verdict(200, answer("stop", "", "\"I cannot\"")) == "postponed: OpenAI: the model refused");
  CHECK(one.verdict(200, R"({"choices":[]})") == "postponed: OpenAI: the answer has no choice");
  CHECK(one.verdict(200, "no") == "postponed: OpenAI: the answer is no JSON");
  CHECK(answered(one.judge(answer_of(answer("length", kReply))))->usage == Usage{390, 41});
  CHECK(answered(one.judge(answer_of(answer("stop", kReply, "null", R"({"prompt_tokens":-3,"completion_tokens":2})"))))->usage ==
        Usage{{}, 2});
}
