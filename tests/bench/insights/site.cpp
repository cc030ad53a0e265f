#include "tests/bench/insights/site.hpp"

#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/database.hpp"
#include "tests/component/insights/dropped_activity.hpp"

namespace weir::bench {

std::string make_insight_site(std::int64_t users) {
  const std::string dsn = testing::fresh_database();
  auto owner = connect(dsn);
  must(migrations::up(owner));
  must(testing::add_consenting_users(owner, users));
  must(owner.script("UPDATE weir.insight_budgets SET requests = NULL, tokens = NULL, micro_usd = NULL"));
  must(testing::let_activity_drop(owner));
  return dsn;
}

}  // namespace weir::bench
