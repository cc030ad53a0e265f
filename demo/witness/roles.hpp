// Which database role each of weir's processes works as, asked of Postgres while they work.
#pragma once

#include "common/core/result.hpp"
#include "demo/clients/sql_session.hpp"

#include <map>
#include <string>
#include <vector>

namespace weir::demo {

struct Roles {
  std::map<std::string, std::string> of_process;  // "cdc" → "weir_cdc"; of several sessions the last
  std::vector<std::string> superusers;            // "cdc as weir"
  /// "roles: cdc is weir_cdc, gateway is weir_gateway, …; no superuser"
  [[nodiscard]] std::string line() const;
};

/// Looks at the sessions of this database that call themselves "weir PROCESS", where PROCESS is one of `processes`.
[[nodiscard]] Result<Roles> roles_at_work(SqlSession& session, const std::vector<std::string>& processes);

}  // namespace weir::demo
