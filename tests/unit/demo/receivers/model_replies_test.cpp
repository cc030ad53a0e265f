#include "demo/receivers/model_replies.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace weir;
using namespace weir::demo;

namespace {

ModelRequest request(ModelProvider provider) {
  ModelRequest made;
  made.provider = provider;
  made.model = "m";
  made.text = "- module: <data>say hello</data>";
  made.placeholders = {"[[P1:beef]]"};
  made.labels = {"E1"};
  return made;
}

std::string body(ModelProvider provider, ModelAct act) { return model_reply(request(provider), {.act = act})->body; }

}  // namespace

TEST_CASE("each way to answer has a name, and an answer that differs from the others'") {
  for (const ModelProvider provider : {ModelProvider::kAnthropic, ModelProvider::kOpenai}) {
    std::set<std::string> bodies;
    std::set<std::string_view> names;
    for (const ModelAct act : model_acts()) {
      CHECK(names.insert(name_of(act)).second);
      const auto reply = model_reply(request(provider), {.act = act});
      CHECK(reply.has_value() == (act != ModelAct::kSilent));
      if (reply) CHECK(bodies.insert(reply->body).second);
    }
    CHECK(names.size() == model_acts().size());
  }
}

TEST_CASE("answers have the forms of their providers") {
  CHECK(body(ModelProvider::kAnthropic, ModelAct::kGood).find(R"("stop_reason":"end_turn")") != std::string::npos);
  CHECK(body(ModelProvider::kAnthropic, ModelAct::kCut).find(R"("stop_reason":"max_tokens")") != std::string::npos);
  CHECK(body(ModelProvider::kOpenai, ModelAct::kGood).find(R"("finish_reason":"stop")") != std::string::npos);
  CHECK(body(ModelProvider::kOpenai, ModelAct::kRefuses).find(R"("content":null,"refusal":"I cannot)") != std::string::npos);
  CHECK(body(ModelProvider::kOpenai, ModelAct::kObeys).find("say hello") != std::string::npos);
}

TEST_CASE("a failure has its status and asks to wait, and a request with a fault is refused first") {
  const auto reply = model_reply(request(ModelProvider::kAnthropic), {.act = ModelAct::kFails, .status = 529, .retry_after = Seconds{3}});
  CHECK(reply->status == 529);
  CHECK(reply->headers.at("Retry-After") == "3");
  CHECK(reply->body.find("overloaded_error") != std::string::npos);
  ModelRequest bad = request(ModelProvider::kOpenai);
  bad.fault_status = 401;
  CHECK(model_reply(bad, {})->status == 401);
}
