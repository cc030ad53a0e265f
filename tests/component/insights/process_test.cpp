// Whole processes: three of them word insights together, one is killed, and no budget is exceeded.
#include "tests/component/insights/site.hpp"

#include "common/core/await.hpp"
#include "common/local/scratch.hpp"
#include "common/supervise/process.hpp"
#include "tests/component/insights/dropped_activity.hpp"
#include "tests/component/insights/model_server.hpp"

using namespace weir;
using namespace weir::insights;

namespace {

constexpr Milliseconds kPatience{120'000};

class Processes {
 public:
  Processes(const Site& site, const testing::ModelServer& server)
      : site_(site), server_(server), folder_(testing::scratch() / site.dsn.substr(site.dsn.rfind('=') + 1)) {
    std::filesystem::create_directories(folder_);
  }
  [[nodiscard]] supervise::Process start(const std::string& log) const {
    supervise::Command command;
    command.arguments = {testing::weir_executable(), "insights", "--deliver"};
    command.output = folder_ / log;
    // Who only delivers reads no topic.
    command.environment = {{"WEIR_KAFKA_BROKERS", "127.0.0.1:1"},
                           {"WEIR_POSTGRES_DSN", site_.dsn + " user=weir_insights"},
                           {"WEIR_CONSUMERS_INSIGHTS_START", "earliest"},
                           {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_URL", server_.url()},
                           {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_KEY", "k"},
                           {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_CALLS", "17"},
                           {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_TIMEOUT", "2s"},
                           {"WEIR_CONSUMERS_INSIGHTS_LEASE", "3s"},
                           {"WEIR_HTTP_OPS_LISTEN", "127.0.0.1:" + std::to_string(must(local::free_port()))}};
    return must(supervise::Process::spawn(testing::guardian(), command));
  }
  [[nodiscard]] std::string log(const std::string& name) const { return testing::content(folder_ / name); }

 private:
  const Site& site_;
  const testing::ModelServer& server_;
  std::filesystem::path folder_;
};

}  // namespace

TEST_CASE(
    "three processes word insights together and one is killed: each insight has a text, each call is charged, no budget is exceeded") {
  Site site;
  must(testing::let_activity_drop(site.owner));
  site.run("UPDATE weir.insight_budgets SET tokens = 20000 WHERE spender = 'organization'");
  const testing::ModelServer server(Milliseconds{150});
  const Processes processes(site, server);
  auto first = processes.start("first.log");
  auto second = processes.start("second.log");
  auto third = processes.start("third.log");
  const auto holds = [&](const std::string& condition) { return site.value("SELECT " + condition) == "t"; };
  const bool began = await(kPatience, [&] { return holds("EXISTS (SELECT FROM weir.insight_calls WHERE outcome = 'open')"); });
  REQUIRE_MESSAGE(began, processes.log("first.log"));
  first.kill();
  // What the dead process had in hand has its text from another, and its calls are charged once their lease is over.
  const bool done = await(kPatience, [&] {
    return holds(fmt::format("(SELECT count(*) = {} FROM public.insights)", 2 * Site::kOrganizations * Site::kUsers)) &&
           holds("NOT EXISTS (SELECT FROM weir.insight_calls WHERE outcome = 'open')") &&
           holds("NOT EXISTS (SELECT FROM weir.insight_drafts)");
  });
  CHECK_MESSAGE(done, processes.log("first.log") << processes.log("second.log") << processes.log("third.log"));
  CHECK(site.value("SELECT count(*) FROM public.insights WHERE title = '' OR cardinality(evidence) = 0") == "0");
  CHECK(site.value("SELECT bool_and(charged_tokens <= 20000 AND reserved_tokens = 0) FROM weir.insight_spending WHERE spender LIKE "
                   "'organization%'") == "t");
  CHECK(site.value(R"(
    SELECT (SELECT sum(charged_tokens) FROM weir.insight_spending WHERE spender LIKE 'organization%')
           = (SELECT sum(tokens_in + tokens_out) FROM weir.insight_calls))") == "t");
  // Each of the server's answers was billed at most once as a call of ours, and none was called for twice.
  CHECK(std::stoul(site.value("SELECT count(*) FROM weir.insight_calls")) >= server.calls());
  CHECK(site.value("SELECT count(*) > 0 FROM public.insights WHERE provider = 'template'") == "t");
  CHECK(site.value("SELECT count(*) > 0 FROM public.insights WHERE provider = 'anthropic'") == "t");
}
