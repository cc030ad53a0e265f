// Records of the topics that scoring reads, as facts. An event only says what to look at; what is computed is read from the tables.
#pragma once

#include "common/runtime/event.hpp"

#include <memory>

namespace weir::scoring {

[[nodiscard]] std::shared_ptr<runtime::Decoder> response_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> consent_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> member_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> project_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> user_decoder();

}  // namespace weir::scoring
