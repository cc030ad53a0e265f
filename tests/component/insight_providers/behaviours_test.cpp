// What a provider's troubles and a model's lies lead to, over real calls.
#include "tests/component/insight_providers/model_world.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace weir;
using namespace weir::testing;
using demo::ModelAct;

namespace {

struct Expected {
  std::string verdict;
  std::string reason;  // behind the provider's name
};

const std::map<ModelAct, Expected>& expectations() {
  static const std::map<ModelAct, Expected> all{
      {ModelAct::kGood, {"accepted", ""}},
      {ModelAct::kRefuses, {"postponed", ": the model refused"}},
      {ModelAct::kCut, {"postponed", ": the reply was cut at its cap"}},
      {ModelAct::kNonsense, {"postponed", ": the reply is no JSON object"}},
      {ModelAct::kOtherSchema, {"postponed", ": the reply does not fit the schema"}},
      {ModelAct::kAltered, {"postponed", ": body has a placeholder that is not the prompt's"}},
      {ModelAct::kUnknown, {"postponed", ": body has a placeholder that is not the prompt's"}},
      {ModelAct::kLiteral, {"postponed", ": body has a placeholder that is not the prompt's"}},
      {ModelAct::kForeign, {"postponed", ": evidence names a row that is not the finding's"}},
      {ModelAct::kLink, {"postponed", ": body has a link"}},
      {ModelAct::kMarkdown, {"postponed", ": body has markup"}},
      {ModelAct::kDirection, {"postponed", ": body has a control character"}},
      {ModelAct::kObeys, {"accepted", ""}},
      {ModelAct::kWithoutUsage, {"accepted", ""}},
      {ModelAct::kNegativeUsage, {"accepted", ""}},
      {ModelAct::kFails, {"postponed", " answered 500"}},
      {ModelAct::kSilent, {"unknown", ""}},
  };
  return all;
}

}  // namespace

TEST_CASE("each behaviour of a model leads to the verdict that is its due, of either provider") {
  const auto servers = demo::ModelServers::start([](const auto&, auto) { return demo::ModelBehaviour{}; });
  REQUIRE(servers.has_value());
  REQUIRE(expectations().size() == demo::model_acts().size());
  for (const std::string provider : {"anthropic", "openai"}) {
    for (const auto& [act, expected] : expectations()) {
      CAPTURE(provider);
      CAPTURE(demo::name_of(act));
      (*servers)->set_script([act = act](const auto&, auto) { return demo::ModelBehaviour{.act = act}; });
      const Called called =
          carry_out(account_at(**servers, provider), next_module(), act == ModelAct::kSilent ? Milliseconds{300} : Milliseconds{10'000});
      CHECK(called.name() == expected.verdict);
      if (!expected.reason.empty()) CHECK(called.reason() == find_model_row(provider)->label + expected.reason);
      const bool has_usage = expected.verdict == "accepted" && act != ModelAct::kWithoutUsage && act != ModelAct::kNegativeUsage;
      if (has_usage) CHECK(answered(called.verdict)->usage.in.has_value());
      if (act == ModelAct::kWithoutUsage || act == ModelAct::kNegativeUsage) CHECK_FALSE(answered(called.verdict)->usage.in.has_value());
    }
  }
}

TEST_CASE("a provider that limits its rate pauses the account as long as it asks, and a wrong key until an operator comes") {
  const auto servers = demo::ModelServers::start([](const auto& request, auto) {
    const int status = request.provider == demo::ModelProvider::kAnthropic ? 529 : 429;
    return demo::ModelBehaviour{.act = ModelAct::kFails, .status = status, .retry_after = Seconds{7}};
  });
  REQUIRE(servers.has_value());
  for (const std::string provider : {"anthropic", "openai"}) {
    const Called called = carry_out(account_at(**servers, provider));
    REQUIRE(called.name() == "paused");
    CHECK(std::get<delivery::Paused>(called.verdict).retry_after == Seconds{7});
    ModelAccount stranger = account_at(**servers, provider);
    stranger.key = "stolen";
    const Called refused = carry_out(stranger);
    REQUIRE(refused.name() == "paused");
    CHECK(std::get<delivery::Paused>(refused.verdict).needs_operator);
    CHECK(refused.reason().find("stolen") == std::string::npos);
  }
}

TEST_CASE("an answer that comes late is an answer, within the call's time") {
  const auto servers = demo::ModelServers::start([](const auto&, auto) { return demo::ModelBehaviour{.delay = Milliseconds{200}}; });
  REQUIRE(servers.has_value());
  CHECK(carry_out(account_at(**servers, "openai")).name() == "accepted");
  CHECK(carry_out(account_at(**servers, "openai"), next_module(), Milliseconds{50}).name() == "unknown");
}
