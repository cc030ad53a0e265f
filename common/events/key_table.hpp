// Which of the names that a reader wants a key is. The objects that are read have their keys in the same order from one record to the
// next, so the key that stood at a position last time is tried first: one comparison a key, but for the first record after a change.
#pragma once

#include "common/events/json_text.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace weir::events {

class KeyTable {
 public:
  static constexpr int kOther = -1;            // a key that the reader does not want
  static constexpr std::size_t kMaxName = 63;  // bytes; of a Postgres identifier too. With its quote it fits simdjson's padding.

  /// `names` as they stand in the text: none may need an escape.
  explicit KeyTable(std::vector<std::string> names);

  /// The index of the name that the key is, or kOther.
  [[nodiscard]] int index_of(const ondemand::raw_json_string& key, std::size_t position) {
    if (position < guesses_.size()) {
      const Guess& guess = guesses_[position];
      // At most 64 bytes from a character of the document: what lies behind the document is padding.
      if (std::memcmp(key.raw(), guess.text.data(), guess.text.size()) == 0) return guess.index;
    }
    return learn(key, position);
  }

 private:
  struct Guess {
    std::string text;  // the key with its closing quote
    int index = kOther;
  };

  int learn(const ondemand::raw_json_string& key, std::size_t position);

  std::vector<std::string> names_;
  std::vector<Guess> guesses_;  // by position
};

}  // namespace weir::events
