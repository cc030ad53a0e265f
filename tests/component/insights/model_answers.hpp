// Answers of models, as both providers write them.
#pragma once

#include <string>

namespace weir::testing {

/// A reply that fits any prompt, in the form of the provider whose URL is called.
[[nodiscard]] std::string valid_answer(const std::string& url);
/// A reply that claims a row which the prompt does not have.
[[nodiscard]] std::string lying_answer(const std::string& url);

}  // namespace weir::testing
