// Heads as they are written outside of the database: one line each. Pure.
//
//   line := JSON object with "organization" (or "organization_id"), "number" and "hash" (64 hexadecimal digits) among its members, or among
//           those of its "after", as a change of weir.audit_heads has them; or, as logs in text form have them, organization=UUID number=N
//           hash=HEX
#pragma once

#include "operations/audit/chain.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weir::audit {

/// {"organization":"…","number":7,"hash":"…"}, without the end of the line.
[[nodiscard]] std::string line_of(const Head& head);
/// The head that a line tells of; none where it tells of something else. Reads the sealer's log and its file of heads, and
/// the records of weir.audit_heads in their topic.
[[nodiscard]] std::optional<Head> head_in(std::string_view line);

}  // namespace weir::audit
