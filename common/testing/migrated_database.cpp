#include "common/testing/migrated_database.hpp"

#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace weir::testing {

namespace {

constexpr const char* kOriginal = "migrated";

Result<postgres::Connection> connect(const std::string& database) {
  postgres::Settings settings;
  settings.dsn = postgres().dsn(database);
  settings.application_name = "weir migrate";
  return postgres::Connection::open(migrations::patient(settings));
}

Result<void> make_original() {
  WEIR_TRY(postgres().create_database(kOriginal));
  auto connection = WEIR_TRY(connect(kOriginal));
  WEIR_TRY(migrations::up(connection));
  return {};
}

/// Nobody may be connected to the original meanwhile.
Result<void> make_copy(const std::string& name) {
  auto connection = WEIR_TRY(connect("postgres"));
  WEIR_TRY(connection.script("CREATE DATABASE " + name + " TEMPLATE " + kOriginal));
  return {};
}

void require(const Result<void>& done) {
  if (done) return;
  std::fprintf(stderr, "no migrated database for this test: %s\n", done.error().line().c_str());
  std::exit(static_cast<int>(ExitCode::kUnavailable));
}

}  // namespace

std::string migrated_database() {
  static const bool is_made = [] {
    require(make_original());
    return true;
  }();
  static std::atomic<int> copies{0};
  const std::string name = std::string(kOriginal) + "_" + std::to_string(++copies);
  if (is_made) require(make_copy(name));
  return postgres().dsn(name);
}

}  // namespace weir::testing
