// What the models of the demo answer: as they should, or as a provider in trouble, a model that lies, and one that does what a text in the
// prompt tells it. Pure.
#pragma once

#include "common/core/time.hpp"
#include "demo/receivers/http_receiver.hpp"
#include "demo/receivers/model_requests.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::demo {

enum class ModelAct : std::uint8_t {
  kGood,
  kRefuses,      // to answer such a prompt
  kCut,          // the reply ends at the cap
  kNonsense,     // no JSON
  kOtherSchema,  // JSON of another form
  kAltered,      // a placeholder is altered
  kUnknown,      // a placeholder that the prompt has not
  kLiteral,      // a placeholder without the call's nonce
  kForeign,      // evidence that is not the finding's
  kLink,
  kMarkdown,
  kDirection,  // a mark that turns the direction of text
  kObeys,      // says what the text of users says
  kWithoutUsage,
  kNegativeUsage,
  kFails,   // with the behaviour's status
  kSilent,  // takes the request, and answers nothing
};
[[nodiscard]] std::span<const ModelAct> model_acts();
[[nodiscard]] std::string_view name_of(ModelAct act);

struct ModelBehaviour {
  ModelAct act = ModelAct::kGood;
  Milliseconds delay{0};  // before the answer
  int status = 500;       // of kFails
  std::optional<Seconds> retry_after{};
};

/// None: no answer.
[[nodiscard]] std::optional<Reply> model_reply(const ModelRequest& request, const ModelBehaviour& behaviour);

}  // namespace weir::demo
