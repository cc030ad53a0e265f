// Each way of tampering with a sealed log is found by `weir audit verify`, with its place; and what is allowed is not.
#include "operations/audit/heads.hpp"
#include "tests/component/audit/site.hpp"

#include <fstream>

using namespace weir;
using testing::AuditSite;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The finding as verify --json tells it.
std::string finding(int number, const std::string& row, const std::string& kind) {
  return "\"organization\":\"" + std::string(AuditSite::kA) + "\",\"number\":" + std::to_string(number) + ",\"row_id\":" + row +
         ",\"finding\":\"" + kind + "\"";
}

void check_found(const AuditSite& site, int number, const std::string& row, const std::string& kind) {
  const auto said = site.verify();
  CHECK(said.exit_code == 65);
  CHECK_MESSAGE(has(said.out, finding(number, row, kind)), said.out);
}

std::string where_row(const std::string& row) { return " WHERE id = " + row; }

std::filesystem::path write_heads(AuditSite& site) {
  const auto path = testing::scratch() / "heads.jsonl";
  std::ofstream file(path);
  const auto all = audit::heads(site.connection, audit::chains(site.connection).value()).value();
  for (const auto& head : all) file << audit::line_of(head) << '\n';
  return path;
}

}  // namespace

TEST_CASE("a log that nobody touched has no findings") {
  AuditSite site;
  CHECK(has(site.verify().out, "\"not_sealed\":9"));
  CHECK(site.seal() == 9);
  const auto said = site.verify();
  CHECK(said.exit_code == 0);
  CHECK(has(said.out, "\"first\":1,\"last\":7"));
  CHECK(has(said.out, "\"findings\":[],\"not_sealed\":0"));
  CHECK(said.err.empty());
}

TEST_CASE("a removed row") {
  AuditSite site;
  site.seal();
  const std::string row = site.row_at(3);
  site.tamper("DELETE FROM public.audit_log" + where_row(row));
  check_found(site, 3, row, "removed");
  CHECK(has(site.verify().err, "the audit log has 1 findings"));
}

TEST_CASE("a row that was altered, whichever column") {
  for (const char* change : {"table_name = 'public.other'", "record_id = 'x'", "operation = 'DELETE'", "changed_fields = '{}'",
                             "organization_id = NULL", "user_id = gen_random_uuid()", "role = 'admin'", "database_role = 'postgres'"}) {
    CAPTURE(change);
    AuditSite site;
    site.seal();
    const std::string row = site.row_at(4);
    site.tamper("UPDATE public.audit_log SET " + std::string(change) + where_row(row));
    check_found(site, 4, row, "altered");
  }
}

TEST_CASE("a payload that was altered, whichever column") {
  for (const char* change : {"new_values = new_values || '{\"name\": \"Other\"}'", "old_values = '{}'", "ip_address = '192.0.2.1'",
                             "user_agent = 'other'", "salt = gen_random_uuid()"}) {
    CAPTURE(change);
    AuditSite site;
    site.seal();
    const std::string row = site.row_at(4);
    site.tamper("UPDATE public.audit_log SET " + std::string(change) + where_row(row));
    check_found(site, 4, row, "payload_altered");
  }
}

TEST_CASE("a row whose time was altered is not where its link says") {
  AuditSite site;
  site.seal();
  const std::string row = site.row_at(4);
  site.tamper("UPDATE public.audit_log SET \"timestamp\" = \"timestamp\" - interval '1 hour'" + where_row(row));
  check_found(site, 4, row, "removed");
}

TEST_CASE("two rows that were swapped") {
  AuditSite site;
  site.seal();
  const std::string first = site.row_at(3);
  const std::string second = site.row_at(5);
  site.tamper(
      R"(
UPDATE public.audit_log a SET record_id = b.record_id, new_values = b.new_values, salt = b.salt
  FROM public.audit_log b
 WHERE (a.id, b.id) IN (()" +
      first + ", " + second + "), (" + second + ", " + first + "))");
  check_found(site, 3, first, "swapped");
  check_found(site, 5, second, "swapped");
  CHECK(has(site.verify().out, "it says what row " + second + " at number 5 said when it was sealed"));
}

TEST_CASE("the links of two rows that were swapped") {
  AuditSite site;
  site.seal();
  site.tamper(
      "UPDATE weir.audit_chain SET number = -number + 1000 WHERE number IN (3, 5); UPDATE weir.audit_chain SET number = CASE number WHEN "
      "997 THEN 5 ELSE 3 END WHERE number IN (997, 995)");
  check_found(site, 3, site.row_at(3), "broken");
  check_found(site, 5, site.row_at(5), "broken");
}

TEST_CASE("links that were removed, altered, or made anew") {
  AuditSite site;
  site.seal();
  const std::string a = "organization_id = '" + std::string(AuditSite::kA) + "'";
  site.tamper("DELETE FROM weir.audit_chain WHERE number IN (3, 4) AND " + a);
  check_found(site, 3, "null", "missing");
  AuditSite altered;
  altered.seal();
  altered.tamper("UPDATE weir.audit_chain SET row_digest = sha256('x') WHERE number = 2 AND " + a);
  check_found(altered, 2, altered.row_at(2), "broken");
  AuditSite start;
  start.seal();
  start.tamper("DELETE FROM weir.audit_chain WHERE number <= 2 AND " + a);
  check_found(start, 3, start.row_at(3), "cut_start");
}

TEST_CASE("a cut tail is found by the heads that were written outside") {
  AuditSite site;
  site.seal();
  const auto heads = write_heads(site);
  CHECK(site.verify({"--heads", heads}).exit_code == 0);
  site.tamper("DELETE FROM public.audit_log WHERE id >= " + site.row_at(6) + " AND organization_id = '" + AuditSite::kA +
              "'; DELETE FROM weir.audit_chain WHERE number >= 6 AND organization_id = '" + AuditSite::kA + "'");
  CHECK(site.verify().exit_code == 0);
  const auto said = site.verify({"--heads", heads});
  CHECK(said.exit_code == 65);
  CHECK_MESSAGE(has(said.out, finding(6, "null", "cut_tail")), said.out);
  // Rows that are sealed in place of those that were cut off have other hashes.
  site.add_location(AuditSite::kA, 20);
  site.add_location(AuditSite::kA, 21);
  site.seal();
  const auto again = site.verify({"--heads", heads});
  CHECK(again.exit_code == 65);
  CHECK_MESSAGE(has(again.out, finding(7, site.row_at(7), "other_head")), again.out);
}

TEST_CASE("a chain that is gone whole is found by the heads") {
  AuditSite site;
  site.seal();
  const auto heads = write_heads(site);
  site.tamper("DELETE FROM public.audit_log WHERE organization_id = '" + std::string(AuditSite::kB) +
              "'; DELETE FROM weir.audit_chain WHERE organization_id = '" + AuditSite::kB + "'");
  const auto said = site.verify({"--heads", heads});
  CHECK(said.exit_code == 65);
  CHECK(has(said.out, "\"finding\":\"cut_tail\""));
  CHECK(site.verify({"--heads", heads, "--organization", AuditSite::kA}).exit_code == 0);
}

TEST_CASE("retention and logged erasure are no findings; an erasure that is not logged is one") {
  AuditSite site;
  site.seal();
  const std::string row = site.row_at(3);
  CHECK(site.value("SELECT weir.audit_erase('" + std::string(AuditSite::kA) + "', '{" + row + "}', 'asked for')") == "1");
  CHECK(site.verify().exit_code == 0);
  const std::string other = site.row_at(4);
  site.tamper(
      R"(
UPDATE public.audit_log
   SET old_values = NULL, new_values = NULL, ip_address = NULL, user_agent = NULL, salt = NULL,
       payload_erased_at = now())" +
      where_row(other));
  check_found(site, 4, other, "erased_unlogged");
  site.seal();
  CHECK(site.value("SELECT weir.audit_retain('" + std::string(AuditSite::kA) +
                   "', (SELECT row_time FROM weir.audit_chain WHERE number = 6 "
                   "AND organization_id = '" +
                   AuditSite::kA + "'), 'old')") == "5");
  site.seal();
  const auto said = site.verify();
  CHECK(said.exit_code == 0);
  CHECK(has(said.out, "\"first\":5,\"last\":9"));
  site.add_location(AuditSite::kA, 30);
  site.seal();
  CHECK(site.verify().exit_code == 0);
}

TEST_CASE("who would see only a part of the log is told so") {
  const AuditSite site;
  const std::string as_cdc = site.dsn + " user=weir_rollups";
  const auto said = testing::run_weir({"audit", "verify"}, {{"WEIR_POSTGRES_DSN", as_cdc}});
  CHECK(said.exit_code == 77);
  const auto wrong = site.verify({"--organization", "x"});
  CHECK(wrong.exit_code == 64);
  CHECK(site.verify({"--heads", "/nowhere"}).exit_code == 64);
}
