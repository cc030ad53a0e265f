#include "common/group_state/group_lock.hpp"

namespace weir::group_state {

using postgres::Params;
using postgres::Statements;

Result<void> work_beside(Statements& connection, std::string_view name) {
  WEIR_TRY(connection.query("group_work_beside", "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", Params{}.add(name)));
  return {};
}

Result<void> work_alone(Statements& connection, std::string_view name) {
  WEIR_TRY(connection.query("group_work_alone", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", Params{}.add(name)));
  return {};
}

}  // namespace weir::group_state
