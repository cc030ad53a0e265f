// The database roles that the migrations grant to. They belong to the cluster, and the migrations stand on them: weir migrate makes those
// that are missing before its first migration, as whoever runs it, a superuser or an owner of the database who may create roles.
#pragma once

#include "common/postgres/connection.hpp"

#include <optional>
#include <string>
#include <utility>

namespace weir::migrations {

/// Makes the roles that are missing and their memberships. Roles that are there keep the attributes that they have.
[[nodiscard]] Result<void> make_roles(postgres::Connection& connection);

/// While it lives, an owner who is no superuser may do what migrations do with the roles of weir: give functions to the role that they run
/// as, and write seeds into tables whose row security binds their owner too. A superuser needs none of it, and nothing is done.
class BorrowedRoles {
 public:
  [[nodiscard]] static Result<BorrowedRoles> borrow(postgres::Connection& connection);
  BorrowedRoles(BorrowedRoles&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)), roles_(std::move(other.roles_)) {}
  BorrowedRoles& operator=(BorrowedRoles&&) = delete;
  BorrowedRoles(const BorrowedRoles&) = delete;
  BorrowedRoles& operator=(const BorrowedRoles&) = delete;
  ~BorrowedRoles();

 private:
  BorrowedRoles(postgres::Connection& connection, std::string roles) : connection_(&connection), roles_(std::move(roles)) {}
  postgres::Connection* connection_;
  std::string roles_;  // as GRANT takes them; empty: none was borrowed
};

/// The step that only a superuser or the provider of the server can take: a statement; none where weir_cdc may replicate.
[[nodiscard]] Result<std::optional<std::string>> provider_step(postgres::Connection& connection);

}  // namespace weir::migrations
