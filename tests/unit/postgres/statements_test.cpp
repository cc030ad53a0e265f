// What a consumer's stores are given cannot end a transaction: the compiler says so.
#include "common/postgres/statements.hpp"

#include "common/postgres/connection.hpp"

#include <doctest/doctest.h>

#include <concepts>
#include <type_traits>

using weir::postgres::Connection;
using weir::postgres::Statements;

namespace {

template <class T>
concept Begins = requires(T& session) {
  session.begin();
};
template <class T>
concept Commits = requires(T& session) {
  session.commit();
};
template <class T>
concept RollsBack = requires(T& session) {
  session.rollback();
};
template <class T>
concept RunsScripts = requires(T& session, const std::string& sql) {
  session.script(sql);
};
template <class T>
concept GivesItsClient = requires(T& session) {
  session.raw();
};

template <class T>
constexpr bool kMayEndTransaction = Begins<T> || Commits<T> || RollsBack<T> || RunsScripts<T> || GivesItsClient<T>;

}  // namespace

TEST_CASE("statements neither begin nor end a transaction, and whoever has them alone cannot copy, keep or make them") {
  CHECK(kMayEndTransaction<Connection>);
  CHECK_FALSE(kMayEndTransaction<Statements>);
  CHECK(std::derived_from<Connection, Statements>);
  CHECK_FALSE(std::is_copy_constructible_v<Statements>);
  CHECK_FALSE(std::is_move_constructible_v<Statements>);
  CHECK_FALSE(std::is_destructible_v<Statements>);
}
