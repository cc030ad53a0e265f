// The decoders of rollups' topics: change events and actions become facts. Pure: bytes in, meaning out.
#pragma once

#include "common/runtime/event.hpp"
#include "consumers/rollups/pure/lateness.hpp"

#include <memory>

namespace weir::rollups {

[[nodiscard]] std::shared_ptr<runtime::Decoder> execution_decoder(const TimeLimits& limits);
[[nodiscard]] std::shared_ptr<runtime::Decoder> agent_decoder(const TimeLimits& limits);
[[nodiscard]] std::shared_ptr<runtime::Decoder> task_decoder(const TimeLimits& limits);
[[nodiscard]] std::shared_ptr<runtime::Decoder> action_decoder(const TimeLimits& limits);
/// Decodes the messages that tell of left-out changes of the three tables. The names are those of the tables' topics.
[[nodiscard]] std::shared_ptr<runtime::Decoder> notice_decoder(const std::string& executions, const std::string& agents,
                                                               const std::string& tasks, const TimeLimits& limits);

}  // namespace weir::rollups
