// weir rollups thresholds, as the role of operators.
#include "tests/component/operations/program.hpp"
#include "tests/component/rollups/bench_of_instances.hpp"

using namespace weir;
using namespace weir::rollups;

TEST_CASE("an organization's threshold is set with a reason, holds for the next window that is computed, is shown, and goes again") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  const auto weir = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"rollups", "thresholds"});
    return testing::run_weir(words, {{"WEIR_POSTGRES_DSN", dsn + " user=weir_operator"}});
  };
  const std::string one = id(1).text();
  const auto set = [&](const std::string& name, const std::string& value, const std::string& organization) {
    return weir({"set", name, value, "--organization", organization, "--why", "a test", "--by", "kim"}).exit_code;
  };
  CHECK(set("success_rate_warning", "30.5", one) == 0);
  CHECK(set("error_weight", "0", one) == 0);
  CHECK(dump(dsn, "SELECT name, value FROM weir.health_settings ORDER BY name") == "error_weight|0\nsuccess_rate_warning|30.5\n");
  Instance instance(dsn);
  Events events;
  for (const char* status : {"completed", "failed"}) events.push_back(change(std::nullopt, execution(1, kStart, status)));
  instance.apply(events);
  instance.close(kStart + std::chrono::minutes{7});
  // Without error_weight: (0.3 · 50 + 0.25 · 100 + 0.2 · 100 + 0.15 · 100) / 0.9
  CHECK(dump(dsn, "SELECT round(overall_health_score::numeric, 6), status FROM system_health") == "83.333333|healthy\n");
  CHECK(set("success_rate_warning", "default", one) == 0);
  CHECK(dump(dsn, "SELECT name FROM weir.health_settings") == "error_weight\n");
  CHECK(dump(dsn,
             "SELECT concat_ws(' ', acted_by, command, filter ->> 'name', filter ->> 'value', counts ->> 'settings', why) FROM "
             "weir.operator_actions ORDER BY id") ==
        "kim rollups thresholds set success_rate_warning 30.5 1 a test\n"
        "kim rollups thresholds set error_weight 0 1 a test\n"
        "kim rollups thresholds set success_rate_warning default 1 a test\n");
  const std::string shown = weir({"show", "--json"}).out;
  CHECK(shown.find(R"("name":"success_rate_warning","value":"80")") != std::string::npos);
  CHECK(shown.find(one) != std::string::npos);
  CHECK(weir({"show", "--json", "--organization", id(2).text()}).out.find(one) == std::string::npos);
  CHECK(set("success_rate", "5", one) == 64);
  CHECK(set("success_rate_warning", "101", one) == 64);
  CHECK(set("success_rate_warning", "5", id(99).text()) == 65);
}
