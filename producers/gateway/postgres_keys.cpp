// Looking keys up over a small pool.
#include "producers/gateway/postgres_keys.hpp"

#include "common/postgres/visibility.hpp"
#include "producers/gateway/key_store.hpp"

#include <algorithm>

namespace weir::gateway {

namespace {

constexpr Milliseconds kLongestWait{2'000};
constexpr Milliseconds kGrace{1'000};  // longer than the server's own timeouts

postgres::Settings brief(postgres::Settings settings) {
  settings.statement_timeout = std::min(settings.statement_timeout, kLongestWait);
  settings.lock_timeout = std::min(settings.lock_timeout, kLongestWait);
  settings.connect_timeout = std::min(settings.connect_timeout, kLongestWait);
  settings.answer_grace = kGrace;
  return settings;
}

}  // namespace

PostgresKeys::PostgresKeys(postgres::Settings settings, std::size_t connections) : pool_(brief(std::move(settings)), connections) {}

Result<std::optional<ApiKey>> PostgresKeys::find(const KeyHash& hash) {
  return pool_.ask([&hash](postgres::Connection& connection) { return find_key(connection, hash); }, kLongestWait);
}

Result<void> PostgresKeys::check() {
  const auto look = [](postgres::Connection& connection) -> Result<postgres::Rows> {
    WEIR_TRY(postgres::require_visible(connection, {{"public", "api_keys"}}));
    return connection.query("gateway_check_keys", "SELECT to_regclass('public.api_keys') IS NOT NULL");
  };
  const auto rows = WEIR_TRY(pool_.ask(look, kLongestWait));
  if (rows[0].get<bool>(0)) return {};
  return fail(FaultKind::kPgSchema, "the table public.api_keys is not there", "bring the database up to date: weir migrate up");
}

}  // namespace weir::gateway
