// Two owners of one migrated database, with which every test of the ledger begins.
#pragma once

#include "common/ledger/postgres_ledger.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

namespace weir::testing {

inline const runtime::TopicPartition kPartition{"t", 0};

inline postgres::Settings settings_for(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "weir test";
  return settings;
}

struct TwoOwners {
  TwoOwners() {
    auto opened = postgres::Connection::open(settings_for(dsn));
    REQUIRE(opened);
    sql.emplace(std::move(*opened));
    REQUIRE(sql->script("CREATE TABLE result (value text PRIMARY KEY CHECK (value <> 'forbidden'))"));
    REQUIRE(first.ensure_connected({}));
    REQUIRE(second.ensure_connected({}));
    REQUIRE(first.introduce("t", Uuid::random(), std::vector<runtime::LogRange>{{0, 0}}, false));
  }

  /// A move of the partition from the claim's position by `records`.
  static std::vector<runtime::PositionMove> move_by(const runtime::Claim& claim, std::int64_t records) {
    runtime::Position position = claim.position;
    position.next_offset += records;
    return {{claim.partition, claim.epoch, claim.position.next_offset, position}};
  }

  /// Writes `value` and moves the position by one, in one transaction of `ledger`.
  static Result<void> work(ledger::PostgresLedger& ledger, const runtime::Claim& claim, const std::string& value) {
    const auto moves = move_by(claim, 1);
    runtime::Work* unit = WEIR_TRY(ledger.begin(moves));
    WEIR_TRY(unit->statements().execute("insert_result", "INSERT INTO result VALUES ($1)", postgres::Params().add(value)));
    return ledger.commit({}, {{{claim.partition, "done", ""}, 1}}, moves);
  }

  static ledger::LedgerOptions options() {
    return {.group = "g", .idle_timeout = Milliseconds{60'000}, .letter_retention = std::chrono::days{30}};
  }

  std::int64_t number(const std::string& query) { return sql->script(query).value()[0].get<std::int64_t>(0); }
  std::int64_t results() { return number("SELECT count(*) FROM result"); }
  std::int64_t position() { return number("SELECT next_offset FROM weir.consumer_offsets"); }

  std::string dsn = migrated_database();
  std::optional<postgres::Connection> sql;
  ledger::PostgresLedger first{settings_for(dsn), options()};
  ledger::PostgresLedger second{settings_for(dsn), options()};
};

}  // namespace weir::testing
