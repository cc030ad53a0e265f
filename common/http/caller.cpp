#include "common/http/caller.hpp"

#include <algorithm>

namespace weir::http {

std::string_view Answer::header(std::string_view lower_name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& each) { return each.first == lower_name; });
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

}  // namespace weir::http
