// Answers of the console: JSON, and refusals as problem details.
#pragma once

#include "common/http/server.hpp"

#include <string>

namespace weir::console {

[[nodiscard]] http::Response json_answer(std::string body);
[[nodiscard]] http::Response refusal(int status, std::string code, std::string detail);
/// What was asked for wrongly, cannot be done, or cannot be known now.
[[nodiscard]] http::Response refusal(const Fault& fault);

}  // namespace weir::console
