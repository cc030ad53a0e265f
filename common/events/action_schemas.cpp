#include "common/core/embedded.hpp"
#include "common/events/action.hpp"
#include "embedded/weir_events.hpp"

#include <fmt/format.h>

namespace weir::events {

std::string_view schema_of(std::string_view type) {
  const EmbeddedFile* const file = find_embedded(embedded::weir_events(), fmt::format("schemas/events/{}.v1.json", type));
  return file == nullptr ? std::string_view{} : file->text;
}

}  // namespace weir::events
