// Letters for the page: a list, reasons, and one in full.
#pragma once

#include "operations/commands/letters_store.hpp"
#include "operations/console/parameters.hpp"
#include "operations/console/questions.hpp"

namespace weir::console {

/// The filter of these parameters, whose names begin with `before` ("filter.").
[[nodiscard]] Result<operations::LetterFilter> filter_of(const Parameters& parameters, const std::string& before);

[[nodiscard]] Result<Questions::Question> letters_question(const Parameters& parameters);
[[nodiscard]] Result<Questions::Question> reasons_question(const Parameters& parameters);
/// Masked.
[[nodiscard]] Questions::Question letter_question(std::int64_t id);

/// {"group":…,"topic":…,"status":…,"kind":…,"reason":…,"path":…,"letters":…,"unfaithful":…} a row.
[[nodiscard]] std::string reasons_json(const std::vector<operations::LetterReason>& reasons);
[[nodiscard]] std::string letter_json(const operations::WholeLetter& letter, bool is_masked);

}  // namespace weir::console
