// Anthropic's Messages API.
//
//   POST /v1/messages   x-api-key, anthropic-version: 2023-06-01
//        {"model", "max_tokens", "temperature"?, "system", "messages": [{"role": "user", "content"}],
//         "output_config": {"format": {"type": "json_schema", "schema"}}}
//     → {"id", "model", "stop_reason", "content": [{"type": "text", "text"}, …], "usage": {"input_tokens", "output_tokens", …}}
//
// The API keeps its older versions; newer ones take the key as a bearer's token, and no temperature. A reply is whole where stop_reason is
// "end_turn"; "max_tokens" says that it was cut.
#pragma once

#include "consumers/insights/providers/model_row.hpp"

namespace weir::insights {

[[nodiscard]] ModelRow anthropic_row();

}  // namespace weir::insights
