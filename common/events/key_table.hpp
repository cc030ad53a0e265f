// Finds which of a reader's wanted names a key is. Objects have their keys in the same order from one record to the next, so the key that
// stood at a position last time is tried first. This takes one comparison a key, except in the first record after the order has changed.
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
  static constexpr std::size_t kMaxName = 63;  // bytes, as in a Postgres identifier; with its quote a name fits simdjson's padding

  /// `names` are compared with the text as it stands, so none may need an escape.
  explicit KeyTable(std::vector<std::string> names);

  /// The index of the key among the names, or kOther.
  [[nodiscard]] int index_of(const ondemand::raw_json_string& key, std::size_t position) {
    if (position < guesses_.size()) {
      const Guess& guess = guesses_[position];
      // This reads at most 64 bytes from a character of the document on, and 64 bytes of padding lie behind the document.
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
