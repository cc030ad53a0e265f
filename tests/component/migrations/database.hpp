// A database of its own for a test that goes up and down among the migrations. It begins empty.
#pragma once

#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace weir::testing {

struct Database {
  void up(std::optional<int> version = std::nullopt) {
    const auto done = migrations::up(connection, version);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().line()));
    // The releases that a test stands at had made it thus: 0088 has the policies that take its place.
    if (version.value_or(88) < 88) run("ALTER ROLE weir_reader BYPASSRLS");
  }
  void down(int version) {
    const auto done = migrations::down(connection, version);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().line()));
  }
  void run(const std::string& sql) {
    const auto done = connection.script(sql);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().line()));
  }
  /// The first value that a statement gives; "" where it gives no row.
  std::string value(const std::string& sql) {
    const auto rows = connection.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "" : std::string((*rows)[0].text(0));
  }

  postgres::Connection connection = open();

 private:
  static postgres::Connection open() {
    postgres::Settings settings;
    settings.dsn = fresh_database();
    return postgres::Connection::open(migrations::patient(settings)).value();
  }
};

}  // namespace weir::testing
