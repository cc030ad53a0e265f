// A model's reply is a stranger's text: it is kept only where it fits the schema, has no placeholder but those of its prompt, names no row
// but the finding's, and holds nothing that a reader could follow or be misled by.
//
//   {"title": string, "body": string, "evidence": ["E1", …]}
#pragma once

#include "consumers/insights/pure/prompt.hpp"
#include "consumers/insights/pure/words.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::insights {

/// A valid reply in the form in which it is kept: placeholders without the nonce of the call that it came by, rows as their labels'
/// numbers.
struct Wording {
  std::string title;  // "[[P1]] is well begun"
  std::string body;
  std::vector<std::size_t> evidence;  // 1 for E1, in rising order, each once
  friend bool operator==(const Wording&, const Wording&) = default;
};

/// The wording, or why the reply is refused. The reason has nothing of the reply's text.
[[nodiscard]] tl::expected<Wording, std::string> read_reply(std::string_view json, const Prompt& prompt, std::string_view nonce);

/// As JSON, for the rows of the cache.
[[nodiscard]] std::string cached(const Wording& wording);
[[nodiscard]] tl::expected<Wording, std::string> read_cached(std::string_view json, const Prompt& prompt);

/// The words for the reader: what the placeholders and labels of this prompt stand for stands there again. Refused where a placeholder's
/// text would itself be a link.
[[nodiscard]] tl::expected<Words, std::string> put_back(const Wording& wording, const Prompt& prompt);

}  // namespace weir::insights
