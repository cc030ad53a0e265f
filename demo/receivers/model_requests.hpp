// Requests to models, read as their providers would read them: Anthropic's Messages API and OpenAI's Chat Completions API. Pure.
#pragma once

#include "demo/receivers/requests.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::demo {

enum class ModelProvider : std::uint8_t { kAnthropic, kOpenai };

inline constexpr const char* kAnthropicKey = "sk-ant-demo";
inline constexpr const char* kOpenaiKey = "sk-demo";

struct ModelRequest {
  ModelProvider provider = ModelProvider::kAnthropic;
  std::string model{};
  std::string system{};
  std::string text{};  // what the user says
  std::int64_t most_output = 0;
  std::vector<std::string> placeholders{};  // "[[P1:nonce]]" in the text, each once
  std::vector<std::string> labels{};        // that the schema allows as evidence
  int fault_status = 0;                     // 0 where nothing is wrong
  std::string fault{};
};

/// None: no model is called by such a path.
[[nodiscard]] std::optional<ModelRequest> read_model_request(const Request& request);

}  // namespace weir::demo
