#include "tests/bench/insights/deadlines.hpp"

#include "common/postgres/connection.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/insights/site.hpp"
#include "tests/bench/insights/troubled_models.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/component.hpp"
#include "tests/component/insights/dropped_activity.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

namespace weir::bench {

namespace {

using demo::ModelAct;
using demo::ModelBehaviour;
using demo::ModelProvider;

constexpr std::int64_t kInsights = 10'000;
constexpr std::int64_t kAllowedMs = 2'000;
constexpr Milliseconds kPatience{300'000};

/// The transaction that made an insight's row is noted in a row of its own, which no later text replaces: the moment of its commit, from
/// which on a reader sees the text, is Postgres' own.
constexpr const char* kNoteFirstTexts = R"(
  CREATE TABLE public.first_texts (insight_id uuid, claimed_at timestamptz, provider text, reason text);
  GRANT INSERT ON public.first_texts TO weir_insights;
  CREATE FUNCTION public.note_first_texts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO public.first_texts SELECT id, claimed_at, provider, fallback_reason FROM made;
      RETURN NULL;
    END $$;
  CREATE TRIGGER note_first_texts AFTER INSERT ON public.insights
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION public.note_first_texts()
)";

constexpr const char* kWaits = R"(
  SELECT ceil(1000 * extract(epoch FROM {}))::bigint
    FROM (SELECT pg_xact_commit_timestamp(xmin) - claimed_at AS wait, provider, reason FROM public.first_texts) f
   WHERE {}
)";

/// Processor time that this process, which is the providers', has used.
double own_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

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
  TroubledModels models(trouble());
  {
    auto cluster = must(postgres::Connection::open({.dsn = testing::postgres().dsn(), .application_name = "weir bench"}));
    must(cluster.script("ALTER SYSTEM SET track_commit_timestamp = on"));
  }
  must(testing::postgres().restart());
  const std::string dsn = make_insight_site(kInsights / testing::kInsightsOfAUser);
  auto owner = must(postgres::Connection::open({.dsn = dsn, .application_name = "weir bench"}));
  must(owner.script(kNoteFirstTexts));
  const auto figure = [&](const std::string& name, const std::string& sql, const std::string& unit) {
    const auto rows = must(owner.script(sql));
    const std::int64_t found = rows[0].maybe<std::int64_t>(0).value_or(0);
    report.figure("deadlines: " + name, static_cast<double>(found), unit);
    return found;
  };
  const auto number = [&](const std::string& sql) { return must(owner.script(sql))[0].get<std::int64_t>(0); };
  const auto waits = [&](const std::string& name, const char* of, const char* which) {
    return figure("from a claim to the commit of the first text, " + name, fmt::format(fmt::runtime(kWaits), of, which), "ms");
  };
  Component component("insights", {{"WEIR_POSTGRES_DSN", dsn + " user=weir_insights"},
                                   {"WEIR_CONSUMERS_INSIGHTS_DELIVER", "true"},
                                   {"WEIR_CONSUMERS_INSIGHTS_START", "earliest"},
                                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_URL", models.url()},
                                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_KEY", demo::kAnthropicKey},
                                   {"WEIR_CONSUMERS_INSIGHTS_OPENAI_URL", models.url()},
                                   {"WEIR_CONSUMERS_INSIGHTS_OPENAI_KEY", demo::kOpenaiKey}});
  const Costs costs(component);
  const double before = own_seconds();
  component.await(
      "every insight's last text", kPatience,
      [&] {
        return number("SELECT count(*) FROM public.insights") >= kInsights && number("SELECT count(*) FROM weir.insight_drafts") == 0;
      },
      Milliseconds{200});
  costs.add_to(report, "deadlines");
  report.figure("deadlines: CPU of the providers", own_seconds() - before, "s");
  report.figure("deadlines: the providers' latest answer, after its time", static_cast<double>(models.latest().count()) / 1'000, "ms");
  component.stop();
  figure("insights", "SELECT count(*) FROM public.insights", "");
  figure("with a template first, and then a model's words", "SELECT count(*) FROM public.insights WHERE replaced_at IS NOT NULL", "");
  figure("with a template alone, and its reason", "SELECT count(*) FROM public.insights WHERE fallback_reason IS NOT NULL", "");
  waits("of a model, the largest", "max(wait)", "provider <> 'template'");
  waits("99 of 100", "percentile_disc(0.99) WITHIN GROUP (ORDER BY wait)", "true");
  const std::int64_t largest = waits("the largest", "max(wait)", "true");
  report.judge(fmt::format("deadlines: a text within {} ms of each claim", kAllowedMs), largest <= kAllowedMs);
  return largest;
}

}  // namespace weir::bench
