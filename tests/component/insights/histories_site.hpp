// A migrated database with two organizations and their users, an application's session, and sessions as weir_insights.
#pragma once

#include "common/migrations/migrator.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

namespace weir::insights {

/// A Saturday.
inline const Instant kNow = *parse_instant("2026-11-28T12:00:00Z");

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().line());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline Uuid id(int number) { return *Uuid::parse(fmt::format("00000000-0000-4000-8000-{:012x}", number)); }
inline const OrganizationId kOrganization{id(1)};
inline const OrganizationId kOtherOrganization{id(2)};
/// Users 1 to 9 are of kOrganization, 11 to 19 of kOtherOrganization.
inline UserId user(int n) { return UserId{id(0x100 + n)}; }

inline postgres::Connection connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  return must(postgres::Connection::open(migrations::patient(settings)));
}

class HistoriesSite {
 public:
  HistoriesSite() : dsn(testing::migrated_database()), owner(connect(dsn)), session(connect(dsn + " user=weir_insights")) {
    run(R"(
CREATE FUNCTION public.nth(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
$$;
INSERT INTO public.organizations (id, name)
SELECT nth(n), 'O'
  FROM generate_series(1, 2) n;
INSERT INTO public.users (id, organization_id, email, role)
SELECT nth(256 + n), nth(1 + n / 10), n || '@a.example', 'student'
  FROM generate_series(1, 19) n
 WHERE n <> 10)");
  }
  /// Runs statements, in which nth(N) is id(N).
  void run(const std::string& sql) {
    const auto done = owner.script(sql);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().line()));
  }
  std::string value(const std::string& sql) {
    const auto rows = owner.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() || (*rows)[0].is_null(0) ? "" : std::string((*rows)[0].text(0));
  }
  /// All rows of a query as text, with a blank between two.
  std::string dump(const std::string& query) { return value("SELECT string_agg(d::text, ' ') FROM (" + query + ") d"); }

  /// Does the work in a transaction of weir_insights.
  template <class Work>
  auto within(Work work) {
    must(session.begin());
    auto result = must(work(session));
    must(session.commit());
    return result;
  }

  std::string dsn;
  postgres::Connection owner;
  postgres::Connection session;
};

}  // namespace weir::insights
