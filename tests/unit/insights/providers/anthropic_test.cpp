// Goldens by Anthropic's public documentation: "Messages" of the API reference (headers, body, answer, stop reasons, errors), and
// "Structured outputs" (output_config).
#include "consumers/insights/providers/anthropic.hpp"

#include "tests/unit/insights/providers/calls.hpp"

#include "common/core/json.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;

namespace {

std::string answer(std::string_view stop_reason, std::string_view reply,
                   std::string_view usage = R"({"input_tokens":410,"output_tokens":38})") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("id", "msg_01").member("type", "message").member("role", "assistant").member("model", "model-1-20260101");
  writer.name("content").begin_array().begin_object().member("type", "text").member("text", reply).end_object().end_array();
  writer.member("stop_reason", stop_reason).name("stop_sequence").null().name("usage").json(usage).end_object();
  return out;
}

constexpr std::string_view kReply = R"({"title":"Next","body":"Try it with [[P1:beefcafe]].","evidence":["E1"]})";

}  // namespace

TEST_CASE("a request to Anthropic is as its documentation says, byte for byte") {
  const OneCall one(account_for("anthropic"));
  const http::Call call = one.call();
  CHECK(call.method == "POST");
  CHECK(call.url == "https://models.example/v1/messages");
  CHECK(header_of(call, "x-api-key") == "key-1");
  CHECK(header_of(call, "anthropic-version") == "2023-06-01");
  CHECK(header_of(call, "Content-Type") == "application/json");
  CHECK(call.reach == http::Reach::kConfigured);
  CHECK(call.body == R"({"model":"model-1","max_tokens":150,"system":)" + json_string(one.outgoing().prompt.system()) +
                         R"(,"messages":[{"role":"user","content":)" + json_string(one.outgoing().prompt.text("beefcafe")) +
                         R"(}],"output_config":{"format":{"type":"json_schema","schema":)" + one.outgoing().prompt.schema() + "}}}");
  CHECK(body_of(one.outgoing()) == call.body);
}

TEST_CASE("temperature is sent to Anthropic only where it is set") {
  ModelAccount account = account_for("anthropic");
  account.temperature = "0.2";
  CHECK(OneCall(account).call().body.find(R"("max_tokens":150,"temperature":0.2,"system":)") != std::string::npos);
}

TEST_CASE("a whole reply of Anthropic is accepted with its usage") {
  const OneCall one(account_for("anthropic"));
  const auto verdict = one.judge(answer_of(answer("end_turn", kReply)));
  REQUIRE(std::holds_alternative<delivery::Accepted>(verdict));
  CHECK(std::get<delivery::Accepted>(verdict).provider_id == "msg_01");
  CHECK(answered(verdict)->wording == Wording{"Next", "Try it with [[P1]].", {1}});
  CHECK(answered(verdict)->usage == Usage{410, 38});
  CHECK(answered(verdict)->model == "model-1-20260101");
}

TEST_CASE("a reply of Anthropic that is of no use is a failure, and has its price") {
  const OneCall one(account_for("anthropic"));
  CHECK(one.verdict(200, answer("max_tokens", kReply)) == "postponed: Anthropic: the reply was cut at its cap");
  CHECK(one.verdict(200, answer("refusal", "")) == "postponed: Anthropic: the model refused");
  CHECK(one.verdict(200, answer("tool_use", kReply)) == "postponed: Anthropic: the reply ended for another reason than its end");
  CHECK(one.verdict(200, answer("end_turn", "no JSON")) == "postponed: Anthropic: the reply is no JSON object");
  CHECK(one.verdict(200, "<html>") == "postponed: Anthropic: the answer is no JSON");
  const auto verdict = one.judge(answer_of(answer("max_tokens", kReply)));
  CHECK(answered(verdict)->usage == Usage{410, 38});
  CHECK_FALSE(answered(verdict)->wording.has_value());
}

TEST_CASE("usage of Anthropic counts what its cache took, and a number that is none is missing") {
  const OneCall one(account_for("anthropic"));
  const auto usage = [&](std::string_view json) { return answered(one.judge(answer_of(answer("end_turn", kReply, json))))->usage; };
  CHECK(usage(R"({"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":7,"output_tokens":3})") == Usage{22, 3});
  CHECK(usage(R"({"input_tokens":-1,"output_tokens":3})") == Usage{{}, 3});
  CHECK(usage(R"({"input_tokens":1.5,"output_tokens":9007199254740993})") == Usage{});
  CHECK(usage(R"({"input_tokens":"10"})") == Usage{});
  CHECK(usage("null") == Usage{});
}
