#include "consumers/notifications/pure/link_marks.hpp"

namespace weir::notifications {

std::string with_link(std::string text, std::string_view mark, std::string_view link) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + link.size())) {
    text.replace(at, mark.size(), link);
  }
  return text;
}

}  // namespace weir::notifications
