// weir audit retain | erase as an operator runs them: what goes, what stays, what the log says of it.
#include "tests/component/audit/site.hpp"

using namespace weir;
using testing::AuditSite;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

testing::Said run_audit(const AuditSite& site, std::vector<std::string> words) {
  words.insert(words.begin(), "audit");
  return testing::run_weir(words, {{"WEIR_POSTGRES_DSN", site.dsn}});
}

std::string removed(const std::string& organization, int rows) {
  return "{\"organization\":\"" + organization + "\",\"removed\":" + std::to_string(rows) + ",\"kept_by\":null}";
}

}  // namespace

TEST_CASE("retain removes what is old from each chain but those under a legal hold, and the log says so") {
  AuditSite site;
  site.seal();
  site.change("UPDATE public.organizations SET legal_hold = true WHERE id = '" + std::string(AuditSite::kB) + "'");
  const std::vector<std::string> all{"retain", "--older-than", "1ms", "--why", "enough", "--json"};
  std::vector<std::string> dry = all;
  dry.push_back("--dry-run");
  const std::string rows = site.value("SELECT count(*) FROM public.audit_log");
  const auto tried = run_audit(site, dry);
  CHECK(tried.exit_code == 0);
  CHECK_MESSAGE(has(tried.out, removed(AuditSite::kA, 7)), tried.out);
  CHECK(site.value("SELECT count(*) FROM public.audit_log") == rows);

  const auto said = run_audit(site, all);
  CHECK(said.exit_code == 0);
  CHECK(said.out == tried.out);
  CHECK(has(said.out, "{\"organization\":\"" + std::string(AuditSite::kB) + "\",\"removed\":0,\"kept_by\":\"legal hold\"}"));
  CHECK(site.value("SELECT count(*) FROM public.audit_log WHERE operation <> 'RETAIN' AND organization_id = '" +
                   std::string(AuditSite::kA) + "'") == "0");
  CHECK(site.value("SELECT new_values ->> 'reason' FROM public.audit_log WHERE operation = 'RETAIN'") == "enough");
  site.seal();
  CHECK(site.verify().exit_code == 0);
}

TEST_CASE("retain leaves what is young, and refuses an organization under a legal hold") {
  AuditSite site;
  site.seal();
  const std::vector<std::string> of_a{"retain", "--older-than", "1d", "--why", "r", "--json", "--organization", AuditSite::kA};
  CHECK(has(run_audit(site, of_a).out, removed(AuditSite::kA, 0)));
  site.change("UPDATE public.organizations SET legal_hold = true");
  const auto held = run_audit(site, {"retain", "--older-than", "1ms", "--why", "r", "--organization", AuditSite::kA});
  CHECK(held.exit_code == 77);
  CHECK(has(held.err, "organization " + std::string(AuditSite::kA) + " is under a legal hold (organizations.legal_hold ends it)\n"));
  CHECK(site.value("SELECT count(*) FROM public.audit_log WHERE operation = 'RETAIN'") == "0");
}

TEST_CASE("erase takes the payloads of the rows that are named, and says which it left") {
  AuditSite site;
  site.seal();
  const std::string row = site.row_at(3);
  const std::string other = site.row_at(4);
  const std::string of_b =
      site.value("SELECT row_id FROM weir.audit_chain WHERE number = 2 AND organization_id = '" + std::string(AuditSite::kB) + "'");
  const std::vector<std::string> base{"erase", "--organization", AuditSite::kA, "--why", "asked for"};
  const auto erase = [&](const std::string& rows, bool dry = false) {
    std::vector<std::string> words = base;
    words.insert(words.end(), {"--rows", rows});
    if (dry) words.emplace_back("--dry-run");
    return run_audit(site, words);
  };
  const auto erased = [&] { return site.value("SELECT count(*) FROM public.audit_log WHERE payload_erased_at IS NOT NULL"); };
  CHECK(erase(row + "," + other, true).out == "2 of 2 payloads can be erased\n");
  CHECK(erased() == "0");
  CHECK(erase(row + "," + other).out == "2 of 2 payloads are erased\n");
  CHECK(erased() == "2");
  const auto foreign = erase(of_b + "," + row);
  CHECK(foreign.exit_code == 65);
  CHECK(foreign.out == "0 of 2 payloads are erased\n");
  CHECK(has(foreign.err, "2 rows were left as they are (they are another organization's, not sealed yet, erased before, or not there)"));
  CHECK(erased() == "2");
  site.seal();
  CHECK(site.verify().exit_code == 0);
}

TEST_CASE("what is no age, no row or no reason is a wrong command line, and nothing is done") {
  const AuditSite site;
  const std::string a = AuditSite::kA;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"retain", "--why", "r"},
                                             {"retain", "--older-than", "soon", "--why", "r"},
                                             {"retain", "--older-than", "0s", "--why", "r"},
                                             {"retain", "--older-than", "1d"},
                                             {"retain", "--older-than", "1d", "--why", ""},
                                             {"retain", "--older-than", "1d", "--why", "r", "--organization", "x"},
                                             {"erase", "--organization", a, "--why", "r"},
                                             {"erase", "--rows", "1", "--why", "r"},
                                             {"erase", "--organization", a, "--rows", "", "--why", "r"},
                                             {"erase", "--organization", a, "--rows", "1,", "--why", "r"},
                                             {"erase", "--organization", a, "--rows", "1 2", "--why", "r"},
                                             {"erase", "--organization", a, "--rows", "-1", "--why", "r"},
                                             {"erase", "--organization", a, "--rows", "1", "--why", ""}}) {
    CAPTURE(words.back());
    CHECK(run_audit(site, words).exit_code == 64);
  }
}
