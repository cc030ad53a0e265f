#include "tests/component/insights/model_answers.hpp"

#include "common/core/json.hpp"

#include <fmt/format.h>

namespace weir::testing {

namespace {

std::string answer(const std::string& url, const std::string& evidence) {
  const std::string reply =
      json_string(fmt::format(R"({{"title":"Words of a model","body":"There is something to look at.","evidence":["{}"]}})", evidence));
  if (url.ends_with("/v1/messages"))
    return fmt::format(
        R"({{"id":"m","type":"message","role":"assistant","model":"m","content":[{{"type":"text","text":{}}}],"stop_reason":"end_turn","usage":{{"input_tokens":400,"output_tokens":40}}}})",
        reply);
  return fmt::format(
      R"({{"id":"c","object":"chat.completion","model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":{},"refusal":null}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":400,"completion_tokens":40}}}})",
      reply);
}

}  // namespace

std::string valid_answer(const std::string& url) { return answer(url, "E1"); }

std::string lying_answer(const std::string& url) { return answer(url, "E9"); }

}  // namespace weir::testing
