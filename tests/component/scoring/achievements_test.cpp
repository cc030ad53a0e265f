// `weir achievements` as an operator runs it.
#include "common/migrations/migrator.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace weir;
using testing::run_weir;

namespace {

struct Site {
  Site() : dsn(testing::fresh_database()), connection(postgres::Connection::open(settings()).value()) {
    REQUIRE(migrations::up(connection).has_value());
    value("INSERT INTO public.organizations (id, name) VALUES ('" + organization + "', 'A')");
  }
  [[nodiscard]] postgres::Settings settings() const {
    postgres::Settings of;
    of.dsn = dsn;
    return migrations::patient(of);
  }
  std::string value(const std::string& sql) {
    const auto rows = connection.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "" : std::string((*rows)[0].text(0));
  }
  [[nodiscard]] testing::Said operate(std::vector<std::string> words) const {
    words.insert(words.begin(), "achievements");
    return run_weir(words, {{"WEIR_POSTGRES_DSN", dsn + " user=weir_operator"}});
  }

  std::string organization = "a0000000-0000-4000-8000-000000000000";
  std::string dsn;
  postgres::Connection connection;
};

std::string file(const std::string& text) {
  const auto path = testing::scratch() / "achievements.json";
  std::ofstream(path) << text;
  return path;
}

}  // namespace

TEST_CASE("the shipped achievements are written once, for every organization; one that says something else is changed") {
  Site site;
  const testing::Said first = site.operate({"load"});
  CHECK_MESSAGE(first.exit_code == 0, first.err);
  CHECK(first.out == "schemas/achievements.json: 13 written, 0 unchanged\n");
  CHECK(site.operate({"load"}).out == "schemas/achievements.json: 0 written, 13 unchanged\n");
  CHECK(site.value("SELECT count(*) FROM public.achievements WHERE organization_id IS NULL") == "13");
  site.value("UPDATE public.achievements SET points = 6, deleted_at = now() WHERE key = 'first_step'");
  CHECK(site.operate({"load"}).out == "schemas/achievements.json: 1 written, 12 unchanged\n");
  CHECK(site.value("SELECT points || ' ' || (deleted_at IS NOT NULL) FROM public.achievements WHERE key = 'first_step'") == "5 true");
}

TEST_CASE("an organization has its own, and a file with a fault changes nothing") {
  Site site;
  const std::string mine =
      file(R"([{"key": "first_step", "kind": "badge", "name": "Begun", "condition": {"points": 1}, "rarity": "common", "points": 1}])");
  CHECK(site.operate({"load", mine, "--organization", site.organization}).exit_code == 0);
  CHECK(site.value("SELECT name FROM public.achievements WHERE organization_id = '" + site.organization + "'") == "Begun");
  const std::string faulty =
      file(R"([{"key": "first_step", "kind": "badge", "name": "X", "condition": {"luck": 1}, "rarity": "common", "points": 1}])");
  for (const char* command : {"check", "load"}) {
    const testing::Said said = site.operate({command, faulty});
    CHECK(said.exit_code == 65);
    CHECK(said.err.find(faulty + ":/0/condition/luck: ") != std::string::npos);
  }
  CHECK(site.value("SELECT string_agg(name, ' ') FROM public.achievements") == "Begun");
  CHECK(site.operate({"check"}).out == "schemas/achievements.json: no fault\n");
}
