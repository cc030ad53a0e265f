#include "common/events/action_id.hpp"

#include "common/core/result.hpp"

#include <string>

namespace weir::events {

Uuid action_event_id(OrganizationId organization, std::string_view source, std::string_view id) {
  const auto name_space = Uuid::parse("6f9c1c1e-5a57-5d0e-9a53-0d3a1a1f6b70");
  WEIR_ASSERT(name_space);
  // The source's length keeps ("a", "bc") apart from ("ab", "c").
  std::string name = organization.text() + "/" + std::to_string(source.size()) + "/";
  name.append(source).append("/").append(id);
  return Uuid::v5(*name_space, name);
}

}  // namespace weir::events
