#include "common/testing/migrated_database.hpp"

#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
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

Result<void> make_original() {
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

Result<std::string> name_of(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  auto connection = WEIR_TRY(postgres::Connection::open(settings));
  return WEIR_TRY(connection.script("SELECT current_database()"))[0].get<std::string>(0);
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

std::string copied_database(const std::string& dsn) { return required(make_copy(required(name_of(dsn)))); }

}  // namespace weir::testing
