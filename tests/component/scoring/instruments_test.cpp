// `weir instruments` as an operator runs it, in a database whose tables belong to an owner who is no superuser.
#include "common/migrations/migrator.hpp"
#include "common/testing/migrated_database.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using testing::run_weir;

namespace {

struct Site {
  Site() : dsn(testing::migrated_database()), connection(postgres::Connection::open(settings()).value()) {
    run("INSERT INTO public.organizations (id, name) VALUES ('" + organization + "', 'A')");
    // Roles are the cluster's: another test of this program may have made it.
    run("DO $$ BEGIN CREATE ROLE scoring_owner LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    run("GRANT USAGE ON SCHEMA public, weir TO scoring_owner");
    for (const char* table : {"assessments", "assessment_items", "assessment_norms"}) {
      run("ALTER TABLE public." + std::string(table) + " OWNER TO scoring_owner");
    }
  }
  [[nodiscard]] postgres::Settings settings() const {
    postgres::Settings of;
    of.dsn = dsn;
    return migrations::patient(of);
  }
  void run(const std::string& sql) {
    const auto done = connection.script(sql);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().line()));
  }
  std::string value(const std::string& sql) {
    const auto rows = connection.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "" : std::string((*rows)[0].text(0));
  }
  [[nodiscard]] testing::Said as(const std::string& role, const std::vector<std::string>& words) const {
    return run_weir(words, {{"WEIR_POSTGRES_DSN", dsn + " user=" + role}});
  }
  [[nodiscard]] testing::Said operate(std::vector<std::string> words) const {
    words.insert(words.begin(), "instruments");
    return as("weir_operator", words);
  }

  std::string organization = "a0000000-0000-4000-8000-000000000000";
  std::string dsn;
  postgres::Connection connection;
};

std::string shipped(const std::string& key) { return testing::source_directory() / "schemas/instruments" / (key + ".json"); }

/// A copy of a shipped file with a piece replaced.
std::string changed(const std::string& key, const std::string& from, const std::string& to) {
  std::string text = testing::text_of(shipped(key));
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  const auto file = testing::scratch() / "changed.json";
  std::ofstream(file) << text.replace(at, from.size(), to);
  return file;
}

std::size_t lines(const std::string& text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

}  // namespace

TEST_CASE("check reports every fault of every file at once, with its place, and needs no database") {
  CHECK(run_weir({"instruments", "check"}).exit_code == 0);
  CHECK(run_weir({"instruments", "check", shipped("attachment")}).exit_code == 0);
  const std::string broken = changed("communication", R"("weight": 1, "reverse_scored": false)", R"("weight": 0, "reverse_scored": 1)");
  const testing::Said said = run_weir({"instruments", "check", shipped("attachment"), broken});
  CHECK(said.exit_code == 65);
  CHECK(said.err.find(broken + ":/items/0/weight: a weight must be above 0 (weight_not_positive)") != std::string::npos);
  CHECK(said.err.find(broken + ":/items/0/reverse_scored: it must be true or false (wrong_type)") != std::string::npos);
  CHECK(said.err.find("2 faults in 2 files") != std::string::npos);
  CHECK(run_weir({"instruments", "check", "nowhere.json"}).exit_code == 69);
}

TEST_CASE("the shipped instruments are published once, by the operator's role, and listed") {
  Site site;
  const testing::Said first = site.operate({"load"});
  CHECK_MESSAGE(first.exit_code == 0, first.err);
  CHECK(lines(first.out) == 5);
  CHECK(first.out.find("schemas/instruments/attachment.json: published") != std::string::npos);
  CHECK(site.value("SELECT count(*) FROM public.assessments WHERE status = 'published' AND organization_id IS NULL") == "5");
  CHECK(site.value("SELECT count(*) FROM public.assessment_items") == "108");
  const testing::Said again = site.operate({"load"});
  CHECK(again.exit_code == 0);
  CHECK(again.out.find("published") == std::string::npos);
  CHECK(again.out.find("schemas/instruments/attachment.json: unchanged") != std::string::npos);
  CHECK(site.value("SELECT count(*) FROM public.assessments") == "5");
  const testing::Said listed = site.operate({"list", "--json"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.out.find(R"("key":"values_alignment","version":1,"status":"published")") != std::string::npos);
  CHECK(listed.out.find(R"("dimensions":7,"items":28,"faults":0)") != std::string::npos);
}

TEST_CASE("a published version never changes, also where it was retired; a new version and another organization's own are new rows") {
  Site site;
  REQUIRE(site.operate({"load"}).exit_code == 0);
  const std::string other = changed("communication", "I say no when I mean no.", "I say no.");
  const testing::Said refused = site.operate({"load", shipped("attachment"), other});
  CHECK(refused.exit_code == 65);
  CHECK(refused.err.find("this version is published and says something else: a published version never changes") != std::string::npos);
  CHECK(site.operate({"load", other, "--organization", site.organization}).exit_code == 0);
  CHECK(site.value("SELECT count(*) FROM public.assessments WHERE organization_id IS NOT NULL AND status = 'published'") == "1");
  CHECK(site.operate({"load", changed("communication", R"("instrument_version": 1)", R"("instrument_version": 2)")}).exit_code == 0);
  site.run("UPDATE public.assessments SET status = 'retired' WHERE key = 'attachment'");
  CHECK(site.operate({"load", shipped("attachment")}).out.find("unchanged") != std::string::npos);
  CHECK(site.value("SELECT status FROM public.assessments WHERE key = 'attachment'") == "retired");
  site.run("INSERT INTO public.assessments (key, instrument_version, title) VALUES ('communication', 3, 'A draft')");
  const testing::Said draft = site.operate({"load", changed("communication", R"("instrument_version": 1)", R"("instrument_version": 3)")});
  CHECK(draft.exit_code == 65);
  CHECK(draft.err.find("a draft of this version is in the database") != std::string::npos);
}

TEST_CASE("several files are published together or not at all") {
  Site site;
  CHECK(site.operate({"load", shipped("attachment"), changed("communication", R"("weight": 1)", R"("weight": -1)")}).exit_code == 65);
  CHECK(site.value("SELECT count(*) FROM public.assessments") == "0");
  REQUIRE(site.operate({"load", shipped("communication")}).exit_code == 0);
  CHECK(site.operate({"load", shipped("attachment"), changed("communication", "I say no when I mean no.", "I say no.")}).exit_code == 65);
  CHECK(site.value("SELECT count(*) FROM public.assessments") == "1");
}

TEST_CASE("the tables' owner, under forced row security, can neither write nor see a row") {
  Site site;
  CHECK(site.as("scoring_owner", {"instruments", "load"}).exit_code == 77);
  REQUIRE(site.operate({"load"}).exit_code == 0);
  const testing::Said seen = site.as("scoring_owner", {"instruments", "list", "--json"});
  CHECK(seen.exit_code == 77);
  CHECK(site.operate({"list", "--json"}).out.find("communication") != std::string::npos);
}
