// Any bytes as a model's reply, and as a text of users: a reply that is taken shows nothing but plain words and this prompt's own
// placeholders and rows, and a text that is redacted has no placeholder but its own.
#include "consumers/insights/pure/links.hpp"
#include "consumers/insights/pure/plain_characters.hpp"
#include "consumers/insights/pure/reply.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir;
using namespace weir::insights;

namespace {

constexpr std::string_view kNonce = "beefcafe";

Finding finding_with(std::string title) {
  Finding finding;
  finding.pattern = "next_module";
  finding.evidence = {Uuid{}};
  finding.facts["module"] = std::move(title);
  return finding;
}

void take_for_reply(const Prompt& prompt, std::string_view bytes) {
  const auto wording = read_reply(bytes, prompt, kNonce);
  if (!wording) return WEIR_ASSERT(!wording.error().empty());
  WEIR_ASSERT(wording->evidence == std::vector<std::size_t>{1});
  WEIR_ASSERT(wording->title.find(kNonce) == std::string::npos && wording->body.find(kNonce) == std::string::npos);
  WEIR_ASSERT(read_cached(cached(*wording), prompt) == *wording);
  const auto words = put_back(*wording, prompt);
  if (!words) return;
  for (const std::string& text : {words->title, words->body}) WEIR_ASSERT(links(text).empty() && plain_characters(text) == text);
}

void take_for_text(std::string_view bytes) {
  const Prompt prompt(finding_with(std::string(bytes)), "en", {});
  const std::string text = prompt.text(kNonce);
  std::size_t placeholders = 0;
  for (std::size_t at = text.find("[[P"); at != std::string::npos; at = text.find("[[P", at + 3)) ++placeholders;
  WEIR_ASSERT(text.size() == prompt.plain_text().size() + placeholders * (kNonce.size() + 1));
  WEIR_ASSERT(text.find("<data>") == text.rfind("<data>") && text.find("</data>") == text.rfind("</data>"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Prompt prompt(finding_with("Conversations with Zyta"), "en", {});
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  take_for_reply(prompt, bytes);
  take_for_text(bytes);
  return 0;
}
