#include "tests/bench/insights/deadlines.hpp"

#include "common/postgres/connection.hpp"
#include "demo/receivers/model_servers.hpp"
#include "tests/bench/insights/site.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/component.hpp"
#include "tests/component/insights/dropped_activity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::bench {

namespace {

using demo::ModelAct;
using demo::ModelBehaviour;
using demo::ModelProvider;

constexpr std::int64_t kInsights = 10'000;
constexpr std::int64_t kAllowedMs = 2'000;
constexpr Milliseconds kPatience{300'000};

/// The first provider has each of its troubles for a quarter of the calls of the second one, which answers every other call too late.
demo::ModelServers::Script trouble() {
  return [hedges = std::int64_t{0}](const demo::ModelRequest& request, std::uint64_t) mutable -> ModelBehaviour {
    if (request.provider == ModelProvider::kOpenai) return {.delay = Milliseconds{++hedges % 2 == 0 ? 300 : 2'500}};
    switch (std::min<std::int64_t>(hedges * 4 / kInsights, 3)) {
      case 0:
        return {.delay = Milliseconds{4'000}};
      case 1:
        return {.act = ModelAct::kSilent};
      case 2:
        return {.act = ModelAct::kForeign, .delay = Milliseconds{200}};
      default:
        return {.act = ModelAct::kFails, .status = 429, .retry_after = Seconds{1}};
    }
  };
}

}  // namespace

std::int64_t keep_deadlines(Report& report) {
  const auto servers = must(demo::ModelServers::start(trouble()));
  servers->forget_requests();
  const std::string dsn = make_insight_site(kInsights / testing::kInsightsOfAUser);
  auto owner = must(postgres::Connection::open({.dsn = dsn, .application_name = "weir bench"}));
  const auto number = [&](const std::string& sql) { return must(owner.script(sql))[0].get<std::int64_t>(0); };
  const auto figure = [&](const std::string& name, const std::string& sql, const std::string& unit) {
    const std::int64_t found = number(sql);
    report.figure("deadlines: " + name, static_cast<double>(found), unit);
    return found;
  };
  Component component("insights", {{"WEIR_POSTGRES_DSN", dsn + " user=weir_insights"},
                                   {"WEIR_CONSUMERS_INSIGHTS_DELIVER", "true"},
                                   {"WEIR_CONSUMERS_INSIGHTS_START", "earliest"},
                                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_URL", servers->url()},
                                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_KEY", demo::kAnthropicKey},
                                   {"WEIR_CONSUMERS_INSIGHTS_OPENAI_URL", servers->url()},
                                   {"WEIR_CONSUMERS_INSIGHTS_OPENAI_KEY", demo::kOpenaiKey}});
  const std::string rest = "SELECT count(*) FROM weir.insight_drafts";
  component.await(
      "every insight's last text", kPatience,
      [&] { return number("SELECT count(*) FROM public.insights") >= kInsights && number(rest) == 0; }, Milliseconds{200});
  component.stop();
  figure("insights", "SELECT count(*) FROM public.insights", "");
  figure("with a template first, and then a model's words", "SELECT count(*) FROM public.insights WHERE replaced_at IS NOT NULL", "");
  figure("with a template alone, and its reason", "SELECT count(*) FROM public.insights WHERE fallback_reason IS NOT NULL", "");
  const std::int64_t largest =
      figure("largest time from a claim to a first text",
             "SELECT ceil(1000 * extract(epoch FROM max(worded_at - claimed_at)))::bigint FROM public.insights", "ms");
  report.judge(fmt::format("deadlines: a text within {} ms of each claim", kAllowedMs), largest <= kAllowedMs);
  return largest;
}

}  // namespace weir::bench
