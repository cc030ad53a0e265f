// A migrated database with two organizations that people change, and what is asked of its audit log.
#pragma once

#include "common/migrations/migrator.hpp"
#include "common/testing/migrated_database.hpp"
#include "operations/audit/sealer.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

#include <string>

namespace weir::testing {

struct AuditSite {
  static constexpr const char* kA = "a0000000-0000-4000-8000-000000000000";
  static constexpr const char* kB = "b0000000-0000-4000-8000-000000000000";

  AuditSite() : dsn(migrated_database()), connection(open()) {
    // The log begins with what the site's people do; the rules and texts that migrations insert are not looked at here.
    tamper("DELETE FROM public.audit_log");
    change(std::string("INSERT INTO public.organizations (id, name) VALUES ('") + kA + "', 'A'), ('" + kB + "', 'B')");
    for (int n = 1; n <= 6; ++n) add_location(kA, n);
    add_location(kB, 1);
  }

  [[nodiscard]] static postgres::Connection open(const std::string& dsn) {
    postgres::Settings settings;
    settings.dsn = dsn;
    return postgres::Connection::open(migrations::patient(settings)).value();
  }
  [[nodiscard]] postgres::Connection open() const { return open(dsn); }
  void change(const std::string& sql) {
    const auto done = connection.script(sql);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().line()));
  }
  void add_location(const std::string& organization, int number) {
    change("INSERT INTO public.locations (organization_id, name) VALUES ('" + organization + "', 'Place " + std::to_string(number) + "')");
  }
  std::string value(const std::string& sql) {
    const auto rows = connection.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "" : std::string((*rows)[0].text(0));
  }
  /// Rounds until nothing waits; how many rows they sealed.
  std::size_t seal(audit::Sealer& sealer) {
    std::size_t rows = 0;
    for (bool more = true; more;) {
      const auto round = sealer.round(connection);
      REQUIRE_MESSAGE(round.has_value(), (round ? "" : round.error().line()));
      rows += round->rows;
      more = !round->complete;
    }
    return rows;
  }
  std::size_t seal() {
    audit::Sealer sealer(3);  // several rounds, so that they are tested too
    return seal(sealer);
  }
  /// As somebody with every right does it.
  void tamper(const std::string& sql) {
    change("ALTER TABLE public.audit_log DISABLE TRIGGER audit_guard; ALTER TABLE weir.audit_chain DISABLE TRIGGER audit_guard; " + sql +
           "; ALTER TABLE public.audit_log ENABLE TRIGGER audit_guard; ALTER TABLE weir.audit_chain ENABLE TRIGGER audit_guard");
  }
  /// Id of the row at a place in A's chain.
  std::string row_at(int number) {
    return value("SELECT row_id FROM weir.audit_chain WHERE organization_id = '" + std::string(kA) +
                 "' AND number = " + std::to_string(number));
  }
  [[nodiscard]] Said verify(std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"audit", "verify", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run_weir(words, {{"WEIR_POSTGRES_DSN", dsn}});
  }

  std::string dsn;
  postgres::Connection connection;
};

}  // namespace weir::testing
