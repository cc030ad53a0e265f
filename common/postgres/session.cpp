#include "common/postgres/session.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir::postgres {

namespace {

using Setting = std::pair<std::string_view, std::string>;

constexpr std::string_view kDirect = "give it the server's own address: docs/operator.md says what may go through a pooler";

/// The server, too, must notice a client that went without a word: the session's locks stay as long as the session does. By default it asks
/// after two hours. Replication connections have these settings alone.
std::vector<Setting> wanted(const Settings& settings) {
  std::vector<Setting> all{{"client_encoding", "UTF8"},
                           {"tcp_keepalives_idle", "10"},
                           {"tcp_keepalives_interval", "5"},
                           {"tcp_keepalives_count", "3"},
                           {"tcp_user_timeout", "15000"}};
  if (settings.replication) return all;
  all.insert(all.end(), {{"timezone", "UTC"},
                         {"datestyle", "ISO"},
                         {"statement_timeout", std::to_string(settings.statement_timeout.count())},
                         {"lock_timeout", std::to_string(settings.lock_timeout.count())},
                         {"idle_in_transaction_session_timeout", std::to_string(settings.idle_in_transaction_timeout.count())},
                         // An owner or listener is idle for hours, and has its locks and its place as long as its session.
                         {"idle_session_timeout", "0"},
                         // Statements lock the rows that they decide by; a serializable transaction would fail beside every other.
                         {"default_transaction_isolation", "read committed"},
                         {"array_nulls", "on"},
                         {"standard_conforming_strings", "on"},
                         {"extra_float_digits", "1"}});
  return all;
}

/// Postgres gives back the value as it writes it: 30000 is "30s".
Result<Rows> set(Connection& connection, const std::vector<Setting>& all) {
  std::string calls;
  for (const auto& [name, value] : all) calls += fmt::format("{}set_config('{}', '{}', false)", calls.empty() ? "" : ", ", name, value);
  return connection.script("SELECT " + calls);
}

Result<void> hold(Connection& connection, const std::vector<Setting>& all, const Rows& set) {
  std::string calls;
  for (const Setting& setting : all) calls += fmt::format("{}current_setting('{}')", calls.empty() ? "" : ", ", setting.first);
  const Rows now = WEIR_TRY(connection.script("SELECT " + calls));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const int column = static_cast<int>(i);
    if (now[0].text(column) == set[0].text(column)) continue;
    return fail(FaultKind::kConfiguration,
                fmt::format("{} was set to {} and is {}: what stands between weir and Postgres gave the session away", all[i].first,
                            set[0].text(column), now[0].text(column)),
                std::string(kDirect));
  }
  return {};
}

Result<int> backend(Connection& connection) { return WEIR_TRY(connection.script("SELECT pg_backend_pid()"))[0].get<int>(0); }

/// Whether the server's session behind `first` serves other clients between its transactions. While a second session holds a transaction
/// open, the first asks again who serves it: in transaction mode the pooler has given its backend to the second.
Result<bool> shares_sessions(Connection& first, const Settings& settings) {
  constexpr Milliseconds kQueue{3'000};
  Settings probe = settings;
  probe.statement_timeout = kQueue;
  probe.answer_grace = Milliseconds{0};
  auto second = Connection::open_bare(probe);
  if (!second) return fail(second.error());
  const int before = WEIR_TRY(backend(first));
  if (const auto begun = second->begin(); !begun) {
    // "transaction blocks not allowed in statement pooling mode": an even shorter loan. No answer: the pool has no other session, so that
    // the first has its own.
    return begun.error().sqlstate == "08P01";
  }
  const auto other = backend(*second);
  if (!other) return false;
  return *other == before || WEIR_TRY(backend(first)) != before;
}

}  // namespace

Result<void> settle_session(Connection& connection, const Settings& settings) {
  const std::vector<Setting> all = wanted(settings);
  if (settings.replication) {
    for (const auto& [name, value] : all) WEIR_TRY(connection.script(fmt::format("SET {} = '{}'", name, value)));
    if (WEIR_TRY(backend(connection)) == PQbackendPID(connection.raw())) return {};
    return fail(FaultKind::kConfiguration, "the replication connection of weir cdc goes through a pooler", std::string(kDirect));
  }
  const auto done = set(connection, all);
  if (!done) return fail(done.error());
  // A pooler invents the process id that it tells its client.
  const bool is_pooled = WEIR_TRY(backend(connection)) != PQbackendPID(connection.raw());
  if (is_pooled && settings.may_share_sessions) {
    connection.prepare_nothing();
    return {};
  }
  if (is_pooled && WEIR_TRY(shares_sessions(connection, settings))) {
    return fail(
        FaultKind::kConfiguration,
        "the connection goes through a pooler in transaction mode (in PgBouncer: pool_mode = transaction or statement), which gives each "
        "transaction another session of Postgres",
        std::string(kDirect));
  }
  return hold(connection, all, *done);
}

Result<void> check_dsn(const std::string& dsn) {
  if (dsn.find('=') == std::string::npos && dsn.find("://") == std::string::npos) return {};  // the name of a database
  char* why = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(dsn.c_str(), &why), &PQconninfoFree);
  const auto free_text = [](char* text) { PQfreemem(text); };
  const std::unique_ptr<char, decltype(free_text)> freed(why, free_text);
  if (options != nullptr) return {};
  constexpr std::string_view kUnknownOption = "invalid connection option";
  const std::string_view text = why == nullptr ? std::string_view() : std::string_view(why);
  std::string message = "the connection string cannot be read";
  if (text.starts_with(kUnknownOption)) message += fmt::format(": {}", text.substr(0, text.find('\n')));
  return fail(FaultKind::kConfiguration, std::move(message), "write host=… dbname=… user=…, or a URI with what is special in it as %XX");
}

}  // namespace weir::postgres
