#include "demo/receivers/model_replies.hpp"

#include "common/core/json.hpp"

#include <array>
#include <utility>

namespace weir::demo {
namespace {

constexpr std::array<std::pair<ModelAct, std::string_view>, 17> kNames{{
    {ModelAct::kGood, "good"},
    {ModelAct::kRefuses, "refuses"},
    {ModelAct::kCut, "cut"},
    {ModelAct::kNonsense, "nonsense"},
    {ModelAct::kOtherSchema, "other_schema"},
    {ModelAct::kAltered, "altered"},
    {ModelAct::kUnknown, "unknown"},
    {ModelAct::kLiteral, "literal"},
    {ModelAct::kForeign, "foreign"},
    {ModelAct::kLink, "link"},
    {ModelAct::kMarkdown, "markdown"},
    {ModelAct::kDirection, "direction"},
    {ModelAct::kObeys, "obeys"},
    {ModelAct::kWithoutUsage, "without_usage"},
    {ModelAct::kNegativeUsage, "negative_usage"},
    {ModelAct::kFails, "fails"},
    {ModelAct::kSilent, "silent"},
}};

/// A placeholder of the prompt; one that it does not have, where it has none.
std::string placeholder_of(const ModelRequest& request) {
  return request.placeholders.empty() ? "[[P1:00000000]]" : request.placeholders.front();
}

std::string altered(std::string placeholder) {
  placeholder[2] = 'p';
  return placeholder;
}

/// What stands between the fences of users' text.
std::string text_of_users(const ModelRequest& request) {
  constexpr std::string_view kOpen = "<data>";
  const std::size_t open = request.text.find(kOpen);
  const std::size_t close = request.text.find("</data>", open);
  return close == std::string::npos ? request.text : request.text.substr(open + kOpen.size(), close - open - kOpen.size());
}

std::string body_of(const ModelRequest& request, ModelAct act) {
  const std::string words = "A small step today keeps it going";
  switch (act) {
    case ModelAct::kAltered:
      return words + " with " + altered(placeholder_of(request));
    case ModelAct::kUnknown:
      return words + " with [[P99" + placeholder_of(request).substr(placeholder_of(request).find(':'));
    case ModelAct::kLiteral:
      return words + " with [[P1]]";
    case ModelAct::kLink:
      return words + ": https://evil.example/login";
    case ModelAct::kMarkdown:
      return words + ": [here](evil)";
    case ModelAct::kDirection:
      return words + " \u202ereversed";
    case ModelAct::kObeys:
      return text_of_users(request);
    case ModelAct::kGood:
    case ModelAct::kRefuses:
    case ModelAct::kCut:
    case ModelAct::kNonsense:
    case ModelAct::kOtherSchema:
    case ModelAct::kForeign:
    case ModelAct::kWithoutUsage:
    case ModelAct::kNegativeUsage:
    case ModelAct::kFails:
    case ModelAct::kSilent:
      break;
  }
  return words + (request.placeholders.empty() ? "." : " with " + request.placeholders.front() + ".");
}

std::string reply_of(const ModelRequest& request, ModelAct act) {
  if (act == ModelAct::kNonsense) return "Sure! Here is your insight: well done.";
  if (act == ModelAct::kOtherSchema) return R"({"headline":"Well done","text":"Go on."})";
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("title", "Well done").member("body", body_of(request, act)).name("evidence").begin_array();
  if (act == ModelAct::kForeign) {
    writer.value("11111111-2222-4333-8444-555555555555");
  } else if (!request.labels.empty()) {
    writer.value(request.labels.front());
  }
  writer.end_array().end_object();
  return act == ModelAct::kCut ? out.substr(0, out.size() / 2) : out;
}

struct Names {
  const char* in;
  const char* out;
};

void write_usage(JsonWriter& writer, const ModelRequest& request, const std::string& reply, ModelAct act, const Names& names) {
  const auto in = static_cast<std::int64_t>((request.system.size() + request.text.size()) / 4);
  const auto out = static_cast<std::int64_t>(reply.size() / 4);
  writer.name("usage").begin_object();
  if (act != ModelAct::kWithoutUsage) {
    writer.member(names.in, act == ModelAct::kNegativeUsage ? -1 : in).member(names.out, out);
    if (request.provider == ModelProvider::kOpenai) writer.member("total_tokens", in + out);
  }
  writer.end_object();
}

std::string anthropic_answer(const ModelRequest& request, ModelAct act) {
  const std::string reply = act == ModelAct::kRefuses ? "" : reply_of(request, act);
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("id", "msg_demo").member("type", "message").member("role", "assistant").member("model", request.model);
  writer.name("content").begin_array().begin_object().member("type", "text").member("text", reply).end_object().end_array();
  writer.member("stop_reason", act == ModelAct::kCut ? "max_tokens" : act == ModelAct::kRefuses ? "refusal" : "end_turn");
  writer.name("stop_sequence").null();
  write_usage(writer, request, reply, act, {"input_tokens", "output_tokens"});
  writer.end_object();
  return out;
}

std::string openai_answer(const ModelRequest& request, ModelAct act) {
  const bool refuses = act == ModelAct::kRefuses;
  const std::string reply = reply_of(request, act);
  std::string out;
  JsonWriter writer(out);
  writer.begin_object()
      .member("id", "chatcmpl-demo")
      .member("object", "chat.completion")
      .member("created", 1'764'374'400)
      .member("model", request.model);
  writer.name("choices").begin_array().begin_object().member("index", 0).name("message").begin_object().member("role", "assistant");
  writer.name("content")
      .json(refuses ? "null" : json_string(reply))
      .name("refusal")
      .json(refuses ? json_string("I cannot help with that.") : "null");
  writer.end_object().name("logprobs").null().member("finish_reason", act == ModelAct::kCut ? "length" : "stop").end_object().end_array();
  write_usage(writer, request, reply, act, {"prompt_tokens", "completion_tokens"});
  writer.end_object();
  return out;
}

/// An error in the form of the provider that is called.
Reply error_of(const ModelRequest& request, int status, std::string_view message) {
  Reply reply{.status = status};
  reply.body.clear();
  JsonWriter writer(reply.body);
  writer.begin_object();
  if (request.provider == ModelProvider::kAnthropic) writer.member("type", "error");
  writer.name("error")
      .begin_object()
      .member("type", status == 529 ? "overloaded_error" : "invalid_request_error")
      .member("message", message);
  if (request.provider == ModelProvider::kOpenai) writer.name("param").null().name("code").null();
  writer.end_object().end_object();
  return reply;
}

}  // namespace

std::span<const ModelAct> model_acts() {
  static const auto all = [] {
    std::array<ModelAct, kNames.size()> acts{};
    for (std::size_t i = 0; i < kNames.size(); ++i) acts.at(i) = kNames.at(i).first;
    return acts;
  }();
  return all;
}

std::string_view name_of(ModelAct act) {
  for (const auto& [each, name] : kNames) {
    if (each == act) return name;
  }
  return {};
}

std::optional<Reply> model_reply(const ModelRequest& request, const ModelBehaviour& behaviour) {
  if (request.fault_status != 0) return error_of(request, request.fault_status, request.fault);
  if (behaviour.act == ModelAct::kSilent) return std::nullopt;
  if (behaviour.act == ModelAct::kFails) {
    Reply reply = error_of(request, behaviour.status, "the model is in trouble");
    if (behaviour.retry_after) reply.headers["Retry-After"] = std::to_string(behaviour.retry_after->count());
    return reply;
  }
  return Reply{.body = request.provider == ModelProvider::kAnthropic ? anthropic_answer(request, behaviour.act)
                                                                     : openai_answer(request, behaviour.act)};
}

}  // namespace weir::demo
