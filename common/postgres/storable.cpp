#include "common/postgres/storable.hpp"

#include "common/core/json.hpp"

#include <algorithm>

namespace weir::postgres {

namespace {

/// The length of the sequence at the start that Postgres takes; 0: it takes none.
std::size_t storable_sequence(std::string_view text) { return text.front() == '\0' ? 0 : utf8_sequence(text); }

}  // namespace

bool is_storable(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = storable_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string storable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = storable_sequence(text);
    if (length == 0) {
      out.push_back('?');
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace weir::postgres
