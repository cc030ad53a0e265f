// The JSON of providers' answers: the members that all providers have, and how the members of a single provider are read. Pure.
#pragma once

#include "common/events/json_text.hpp"
#include "consumers/insights/providers/model_row.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace weir::insights {

/// A text member of an answer; "" where there is none. The view points into the document.
[[nodiscard]] std::string_view text_at(const simdjson::dom::element& answer, std::string_view name);

/// A number of tokens at a path of names in an answer, as Usage has it.
[[nodiscard]] std::optional<std::int64_t> tokens_at(const simdjson::dom::element& answer, std::initializer_list<std::string_view> path);

/// Reads the id and the model, which all providers write alike, and leaves the members of a single provider to `read_members`.
[[nodiscard]] ModelAnswer read_answer(const std::string& json,
                                      void (*read_members)(const simdjson::dom::element& document, ModelAnswer& answer));

}  // namespace weir::insights
