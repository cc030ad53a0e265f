#include "common/ledger/printable.hpp"

#include "common/core/json.hpp"

#include <algorithm>

namespace weir::ledger {

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = text.front() == '\0' ? 0 : utf8_sequence(text);
    if (length == 0) {
      out.push_back('?');
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace weir::ledger
