// What row security costs: the same questions over 1,000,000 executions of 200 organizations, asked by each role under its policies, and
// by a superuser with the policy's condition written into the statement. Both plans are printed; each must go by an index.
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/rls/tenants.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/database.hpp"
#include "tests/bench/support/percentiles.hpp"

#include <fmt/format.h>

namespace {

using namespace weir;
using namespace weir::bench;

constexpr double kMostAdded = 5;  // ms a query

struct Role {
  std::string name;
  std::string session;  // what makes a session one of this role
  std::string sees;     // the policy's condition, for whoever asks without policies
};

struct Question {
  std::string name;
  std::string select;
  std::string where;
  std::string rest;
  [[nodiscard]] std::string sql(const std::string& beside) const {
    return fmt::format("SELECT {} FROM public.agent_executions WHERE {}{}{}", select, where, beside, rest);
  }
};

std::vector<Role> roles(const Tenants& tenants) {
  const auto claims = [&](int number, const char* role) {
    return fmt::format(
        "SELECT set_config('request.jwt.claims', json_build_object('sub', {}, 'organization_id', {}, 'user_role', '{}')::text, "
        "false); SET ROLE authenticated",
        user(tenants, number), organization(tenants), role);
  };
  const std::string own = " AND organization_id = " + organization(tenants);
  return {{"admin", claims(1, "admin"), own},
          {"teacher", claims(2, "teacher"), own},
          {"student", claims(10, "student"), own + " AND user_id = " + user(tenants, 10)},
          {"professional", claims(3, "professional"), own + " AND false"},
          {"weir_rollups", "SET ROLE weir_rollups", ""}};
}

std::vector<Question> questions(const Tenants& tenants) {
  const std::string of_agent = fmt::format("organization_id = {} AND agent_id = {}", organization(tenants), agent(tenants));
  const std::string of_organization = "organization_id = " + organization(tenants);
  return {{"an agent's latest 50", "*", of_agent, " ORDER BY completed_at DESC LIMIT 50"},
          {"the organization's latest 50", "*", of_organization, " ORDER BY created_at DESC LIMIT 50"},
          {"a user's latest 50", "*", of_organization + " AND user_id = " + user(tenants, 10), " ORDER BY created_at DESC LIMIT 50"},
          {"mean over the organization", "count(*), avg(execution_time_ms)", of_organization, ""}};
}

std::string plan_of(postgres::Connection& connection, const std::string& sql) {
  const auto rows = must(connection.script("EXPLAIN (COSTS OFF) " + sql));
  std::string plan;
  for (std::size_t i = 0; i < rows.size(); ++i) plan += fmt::format("\n    {}", rows[i].text(0));
  return plan;
}

/// How the table is reached. A plan that knows beforehand that there is nothing reaches it not at all.
std::string_view access_of(const std::string& plan) {
  if (plan.find("Seq Scan") != std::string::npos) return "sequential";
  return plan.find("Index") != std::string::npos ? "index" : "none";
}

struct Side {
  postgres::Connection* connection = nullptr;
  std::string sql{};
  Percentiles milliseconds{};
  std::size_t rows = 0;
  double seconds = 0;

  void ask(const std::string& name) {
    const bench::Stopwatch watch;
    rows += must(connection->query(name, sql)).size();
    seconds += watch.seconds();
    milliseconds.add(watch.seconds() * 1e3);
  }
};

struct Totals {
  Side under;
  Side without;
  double worst = 0;
  bool all_by_index = true;
};

void measure(Report& report, Totals& totals, const std::string& name, Side under, Side without, std::int64_t rounds) {
  const std::string plan_under = plan_of(*under.connection, under.sql);
  const std::string plan_without = plan_of(*without.connection, without.sql);
  // By turns, so that what else the machine does falls on both.
  for (std::int64_t round = 0; round < rounds; ++round) {
    under.ask("under " + name);
    without.ask("without " + name);
  }
  const double added = under.milliseconds.at(0.5) - without.milliseconds.at(0.5);
  report.figure(name + ": under row security, median", under.milliseconds.at(0.5), "ms");
  report.figure(name + ": without, median", without.milliseconds.at(0.5), "ms");
  report.figure(name + ": added", added, "ms");
  report.note(fmt::format("{}, under row security:{}\n  without:{}", name, plan_under, plan_without));
  totals.worst = std::max(totals.worst, added);
  totals.all_by_index = totals.all_by_index && access_of(plan_under) == "index" && access_of(plan_without) != "sequential";
  totals.under.rows += under.rows;
  totals.under.seconds += under.seconds;
  totals.without.rows += without.rows;
  totals.without.seconds += without.seconds;
}

}  // namespace

int main(int count, char** words) {
  Tenants tenants;
  std::int64_t rounds = 100;
  Report report = CommandLine("What row security adds to queries over many tenants")
                      .option("executions", tenants.executions, "rows of agent_executions")
                      .option("organizations", tenants.organizations, "tenants that they belong to")
                      .option("rounds", rounds, "how often each query is asked")
                      .parse(count, words);
  const std::string dsn = testing::fresh_database();
  postgres::Connection superuser = connect(dsn);
  must(migrations::up(superuser));
  fill(superuser, tenants);
  Totals totals;
  for (const Role& role : roles(tenants)) {
    postgres::Connection session = connect(dsn);
    must(session.script(role.session));
    for (const Question& question : questions(tenants)) {
      measure(report, totals, role.name + ", " + question.name, {&session, question.sql("")}, {&superuser, question.sql(role.sees)},
              rounds);
    }
  }
  report.own("rows read under row security", static_cast<double>(totals.under.rows) / totals.under.seconds, "rows/s");
  report.floor("floor, the same without row security", static_cast<double>(totals.without.rows) / totals.without.seconds, "rows/s");
  report.figure("most that row security adds to a query", totals.worst, "ms");
  report.print();
  if (!totals.all_by_index) give_up("a plan under row security does not go by an index");
  if (totals.worst >= kMostAdded) give_up(fmt::format("row security adds {:.1f} ms to a query, {} is the most", totals.worst, kMostAdded));
  return 0;
}
