#include "common/testing/migrated_database.hpp"

#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <type_traits>

namespace weir::testing {

namespace {

constexpr const char* kOriginal = "migrated";

Result<postgres::Connection> connect(const std::string& database) {
  postgres::Settings settings;
  settings.dsn = postgres().dsn(database);
  settings.application_name = "weir migrate";
  return postgres::Connection::open(migrations::patient(settings));
}

/// Autovacuum would visit every copy, one worker after the other, and what it does between two statements of a test comes by chance. So it
/// is off in a cluster of copies.
Result<void> make_original() {
  auto owner = WEIR_TRY(connect("postgres"));
  WEIR_TRY(owner.script("ALTER SYSTEM SET autovacuum = off"));
  WEIR_TRY(owner.script("SELECT pg_reload_conf()"));
  WEIR_TRY(postgres().create_database(kOriginal));
  auto connection = WEIR_TRY(connect(kOriginal));
  WEIR_TRY(migrations::up(connection));
  return {};
}

/// Nobody may be connected to the original meanwhile.
Result<std::string> make_copy(const std::string& original) {
  static std::atomic<int> copies{0};
  const std::string name = std::string(kOriginal) + "_" + std::to_string(++copies);
  auto connection = WEIR_TRY(connect("postgres"));
  WEIR_TRY(connection.script("CREATE DATABASE " + name + " TEMPLATE " + original));
  return postgres().dsn(name);
}

/// Read from the text, because a session that asked would have to end before the copy is made, and Postgres waits 100 ms for it.
std::string name_of(const std::string& dsn) {
  constexpr std::string_view kBefore = "dbname=";
  return dsn.substr(dsn.find(kBefore) + kBefore.size());
}

template <class T>
T required(Result<T> done) {
  if (!done) {
    std::fprintf(stderr, "no migrated database for this test: %s\n", done.error().line().c_str());
    std::exit(static_cast<int>(ExitCode::kUnavailable));
  }
  if constexpr (!std::is_void_v<T>) return std::move(*done);
}

}  // namespace

std::string migrated_database() {
  static const bool is_made = [] {
    required(make_original());
    return true;
  }();
  return is_made ? required(make_copy(kOriginal)) : "";
}

std::string copied_database(const std::string& dsn) { return required(make_copy(name_of(dsn))); }

}  // namespace weir::testing
