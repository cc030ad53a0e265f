#include "common/migrations/migrator.hpp"

#include "common/migrations/roles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weir::migrations {

namespace {

/// "weirmigr" in ASCII: the advisory lock that migrations hold.
constexpr std::int64_t kLock = 0x776569726d696772;

constexpr const char* kLedger = R"(
CREATE SCHEMA IF NOT EXISTS weir;
CREATE TABLE IF NOT EXISTS weir.schema_migrations (
  version    integer     PRIMARY KEY,
  name       text        NOT NULL,
  checksum   text        NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text        NOT NULL DEFAULT current_user
);
COMMENT ON TABLE weir.schema_migrations IS 'Migrations that were applied to this database, kept by weir migrate.';
COMMENT ON COLUMN weir.schema_migrations.version IS 'Number of the migration.';
COMMENT ON COLUMN weir.schema_migrations.name IS 'Name of the migration.';
COMMENT ON COLUMN weir.schema_migrations.checksum IS 'SHA-256 of the file that was applied: a file that changed afterwards is refused.';
COMMENT ON COLUMN weir.schema_migrations.applied_at IS 'When it was applied.';
COMMENT ON COLUMN weir.schema_migrations.applied_by IS 'Database role that applied it.';
)";

/// Holds the lock for as long as it lives.
class Lock {
 public:
  static Result<Lock> take(postgres::Connection& connection) {
    const auto taken = connection.execute("migrate_lock", "SELECT pg_advisory_lock($1)", postgres::Params().add(kLock));
    if (taken) return Lock(connection);
    if (taken.error().kind != FaultKind::kPgLockTimeout) return fail(taken.error());
    return fail(FaultKind::kPgLockTimeout, "another weir migrate is at work on this database", "wait for it to end, then try again");
  }
  Lock(Lock&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Lock& operator=(Lock&&) = delete;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() {
    if (connection_ == nullptr || !connection_->usable()) return;
    // A session that ends gives the lock back too, so a failure here needs no answer.
    static_cast<void>(connection_->execute("migrate_unlock", "SELECT pg_advisory_unlock($1)", postgres::Params().add(kLock)));
  }

 private:
  explicit Lock(postgres::Connection& connection) : connection_(&connection) {}
  postgres::Connection* connection_;
};

Result<void> run(postgres::Connection& connection, const std::string& path, std::string_view sql) {
  const auto ran = connection.script(std::string(sql));
  if (!ran) return fail(ran.error().in(path));
  if (!connection.in_transaction()) return fail(FaultKind::kBug, path + ": ends its own transaction", "a migration is one transaction");
  return {};
}

Result<void> apply(postgres::Connection& connection, const Migration& migration) {
  return connection.within_transaction([&]() -> Result<void> {
    WEIR_TRY(run(connection, migration.up_path(), migration.up));
    WEIR_TRY(connection.execute("migrate_record", "INSERT INTO weir.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
                                postgres::Params().add(migration.version).add(migration.name).add(migration.checksum)));
    return {};
  });
}

Result<void> take_back(postgres::Connection& connection, const Migration& migration) {
  return connection.within_transaction([&]() -> Result<void> {
    WEIR_TRY(run(connection, migration.down_path(), migration.down));
    WEIR_TRY(connection.execute("migrate_forget", "DELETE FROM weir.schema_migrations WHERE version = $1",
                                postgres::Params().add(migration.version)));
    return {};
  });
}

}  // namespace

Result<std::vector<Applied>> applied(postgres::Connection& connection) {
  const auto exists = WEIR_TRY(connection.query("migrate_ledger", "SELECT to_regclass('weir.schema_migrations') IS NOT NULL"));
  std::vector<Applied> rows;
  if (!exists[0].get<bool>(0)) return rows;
  const auto answer = WEIR_TRY(
      connection.query("migrate_applied", "SELECT version, name, checksum, applied_at FROM weir.schema_migrations ORDER BY version"));
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const auto row = answer[i];
    rows.push_back({row.get<int>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<Instant>(3)});
  }
  return rows;
}

Result<std::vector<Migration>> up(postgres::Connection& connection, std::optional<int> to, const Progress& progress) {
  const auto catalog = WEIR_TRY(shipped());
  const Lock lock = WEIR_TRY(Lock::take(connection));
  WEIR_TRY(connection.script(kLedger));  // several statements in one message are one transaction
  const auto done = WEIR_TRY(applied(connection));
  const auto pending = WEIR_TRY(plan_up(catalog, done, to));
  if (pending.empty()) return pending;
  WEIR_TRY(make_roles(connection));
  const BorrowedRoles roles = WEIR_TRY(BorrowedRoles::borrow(connection));
  for (const Migration& migration : pending) {
    WEIR_TRY(apply(connection, migration));
    if (progress) progress(migration);
  }
  return pending;
}

Result<std::vector<Migration>> down(postgres::Connection& connection, int to, const Progress& progress) {
  const auto catalog = WEIR_TRY(shipped());
  const Lock lock = WEIR_TRY(Lock::take(connection));
  const auto done = WEIR_TRY(applied(connection));
  const auto undone = WEIR_TRY(plan_down(catalog, done, to));
  if (undone.empty()) return undone;
  const BorrowedRoles roles = WEIR_TRY(BorrowedRoles::borrow(connection));
  for (const Migration& migration : undone) {
    WEIR_TRY(take_back(connection, migration));
    if (progress) progress(migration);
  }
  return undone;
}

Result<std::vector<StatusRow>> status(postgres::Connection& connection) {
  const auto catalog = WEIR_TRY(shipped());
  const auto done = WEIR_TRY(applied(connection));
  return status_of(catalog, done);
}

Result<void> require_current(postgres::Connection& connection) {
  const auto catalog = WEIR_TRY(shipped());
  const auto done = WEIR_TRY(applied(connection));
  const auto pending = WEIR_TRY(plan_up(catalog, done, std::nullopt));
  if (pending.empty()) return {};
  std::vector<std::string> names;
  for (const Migration& migration : pending) names.push_back(fmt::format("{:04}_{}", migration.version, migration.name));
  return fail(FaultKind::kConfiguration, fmt::format("the database lacks migration {}", fmt::join(names, ", ")), "run weir migrate up");
}

postgres::Settings patient(postgres::Settings settings) {
  settings.statement_timeout = std::max<Milliseconds>(settings.statement_timeout, std::chrono::minutes{10});
  settings.idle_in_transaction_timeout = std::max<Milliseconds>(settings.idle_in_transaction_timeout, Seconds{60});
  return settings;
}

}  // namespace weir::migrations
