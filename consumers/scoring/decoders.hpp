// Decodes the records of scoring's topics into facts. An event only says which rows to look at; the consumer computes from the rows of the
// tables.
#pragma once

#include "common/runtime/event.hpp"

#include <memory>

namespace weir::scoring {

[[nodiscard]] std::shared_ptr<runtime::Decoder> response_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> consent_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> member_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> project_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> user_decoder();
// Of learning.
[[nodiscard]] std::shared_ptr<runtime::Decoder> completion_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> module_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> prerequisite_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> activity_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> achievement_decoder();

}  // namespace weir::scoring
