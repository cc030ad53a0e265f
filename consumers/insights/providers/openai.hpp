// OpenAI's Chat Completions API.
//
//   POST /v1/chat/completions   Authorization: Bearer KEY
//        {"model", "max_completion_tokens", "temperature"?, "messages": [{"role": "system", "content"}, {"role": "user", "content"}],
//         "response_format": {"type": "json_schema", "json_schema": {"name", "strict": true, "schema"}}}
//     → {"id", "model", "choices": [{"finish_reason", "message": {"content", "refusal"}}], "usage": {"prompt_tokens", "completion_tokens",
//     …}}
//
// A reply is whole where finish_reason is "stop"; "length" says that it was cut.
#pragma once

#include "consumers/insights/providers/model_row.hpp"

namespace weir::insights {

[[nodiscard]] ModelRow openai_row();

}  // namespace weir::insights
