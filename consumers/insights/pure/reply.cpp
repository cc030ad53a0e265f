#include "consumers/insights/pure/reply.hpp"

#include "common/core/json.hpp"
#include "common/events/json_text.hpp"
#include "consumers/insights/pure/letters.hpp"
#include "consumers/insights/pure/links.hpp"
#include "consumers/insights/pure/plain_characters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace weir::insights {

namespace {

using Fault = tl::unexpected<std::string>;

constexpr std::size_t kMostTitle = 200;   // bytes
constexpr std::size_t kMostBody = 1'200;  // bytes

std::optional<std::size_t> number_in(std::string_view digits, std::size_t most) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_whole = error == std::errc{} && end == digits.data() + digits.size();
  if (!is_whole || digits.starts_with('0') || number < 1 || number > most) return std::nullopt;
  return number;
}

/// Wide forms of Latin characters and points as the plain ones, since readers' programs treat them alike in links.
std::string narrowed(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    at += character.bytes;
    char32_t code = character.code;
    if (code >= 0xff01 && code <= 0xff5e) code -= 0xff00 - 0x20;
    if (code == 0x3002 || code == 0xff61 || code == 0x2024) code = U'.';
    if (code == 0x2044 || code == 0x2215) code = U'/';
    if (code == 0xa789 || code == 0x2236) code = U':';
    append_utf8(out, code);
  }
  return out;
}

/// "[text](target)", "[text][label]", "<a href=…>", "&#x68;"
bool has_markup(std::string_view text) {
  if (text.find("](") != std::string_view::npos || text.find("&#") != std::string_view::npos) return true;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const Character next = at + 1 < text.size() ? character_at(text, at + 1) : Character{};
    if (is_letter(next.code) || next.code == U'/' || next.code == U'!' || next.code == U'?') return true;
  }
  return false;
}

/// A word that a program would take for the scheme of a link: letters, a colon, and no space behind it.
bool has_scheme(std::string_view text) {
  for (std::size_t at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1)) {
    const bool has_word = at > 1 && is_letter(character_before(text, at).code);
    if (has_word && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) > ' ' && !is_digit(text[at + 1])) return true;
  }
  return false;
}

/// Why a text may not be shown, "" where it may. `text` has its placeholders no more.
std::string fault_of(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    if (steers(character.code) || character.code == 0xfffd) return "has a control character";
    at += character.bytes;
  }
  const std::string narrow = narrowed(text);
  if (!links(narrow).empty() || has_scheme(narrow)) return "has a link";
  if (has_markup(narrow)) return "has markup";
  return "";
}

/// Calls `text` with what stands between placeholders and `placeholder` with each one's number. False where a placeholder is none of this
/// prompt's, or is altered.
template <class Text, class Number>
bool each_piece(std::string_view from, std::string_view nonce, std::size_t count, const Text& text, const Number& placeholder) {
  const std::string end = nonce.empty() ? "]]" : fmt::format(":{}]]", nonce);
  while (true) {
    const std::size_t open = std::min(from.find("[[P"), from.size());
    text(from.substr(0, open));
    if (open == from.size()) return true;
    const std::size_t close = from.find(end, open);
    if (close == std::string_view::npos) return false;
    const auto number = number_in(from.substr(open + 3, close - open - 3), count);
    if (!number) return false;
    placeholder(*number);
    from.remove_prefix(close + end.size());
  }
}

/// A piece of text between placeholders that has the look of one, or the nonce.
bool is_literal(std::string_view piece, std::string_view nonce) {
  if (piece.find("[[") != std::string_view::npos || piece.find("]]") != std::string_view::npos) return true;
  if (!nonce.empty() && lowered(piece).find(nonce) != std::string::npos) return true;
  for (std::size_t at = piece.find('['); at != std::string_view::npos; at = piece.find('[', at + 1)) {
    if (at + 2 < piece.size() && (piece[at + 1] == 'P' || piece[at + 1] == 'p') && is_digit(piece[at + 2])) return true;
  }
  return false;
}

struct Limit {
  std::string_view name;
  std::size_t bytes;
};

tl::expected<std::string, std::string> read_text(std::string_view raw, const Limit& limit, const Prompt& prompt, std::string_view nonce) {
  if (raw.empty() || raw.size() > limit.bytes) return Fault(fmt::format("{} is empty or too long", limit.name));
  std::string kept;
  std::string shown;
  bool has_literal = false;
  const bool is_read = each_piece(
      raw, nonce, prompt.placeholders().count(),
      [&](std::string_view piece) {
        has_literal = has_literal || is_literal(piece, nonce);
        kept += piece;
        shown += piece;
      },
      [&](std::size_t number) {
        kept += fmt::format("[[P{}]]", number);
        shown += 'P';  // so that no link comes about across a placeholder unseen
      });
  if (!is_read || has_literal) return Fault(fmt::format("{} has a placeholder that is not the prompt's", limit.name));
  if (const std::string fault = fault_of(shown); !fault.empty()) return Fault(fmt::format("{} {}", limit.name, fault));
  return kept;
}

tl::expected<Wording, std::string> read(std::string_view json, const Prompt& prompt, std::string_view nonce) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) return Fault("the reply is no JSON object");
  std::string_view title;
  std::string_view body;
  simdjson::dom::array labels;
  if (object.size() != 3 || object["title"].get(title) != simdjson::SUCCESS || object["body"].get(body) != simdjson::SUCCESS ||
      object["evidence"].get(labels) != simdjson::SUCCESS)
    return Fault("the reply does not fit the schema");
  Wording wording;
  for (auto [raw, limit, into] :
       {std::tuple{title, Limit{"title", kMostTitle}, &wording.title}, std::tuple{body, Limit{"body", kMostBody}, &wording.body}}) {
    auto text = read_text(raw, limit, prompt, nonce);
    if (!text) return Fault(std::move(text.error()));
    *into = *std::move(text);
  }
  for (const simdjson::dom::element label : labels) {
    std::string_view text;
    const bool is_label = label.get(text) == simdjson::SUCCESS && text.starts_with('E');
    const auto number = is_label ? number_in(text.substr(1), prompt.evidence().size()) : std::nullopt;
    if (!number) return Fault("evidence names a row that is not the finding's");
    wording.evidence.push_back(*number);
  }
  std::ranges::sort(wording.evidence);
  wording.evidence.erase(std::unique(wording.evidence.begin(), wording.evidence.end()), wording.evidence.end());
  if (wording.evidence.empty()) return Fault("evidence is empty");
  return wording;
}

/// "" where a placeholder is none of the prompt's.
std::string put_back(std::string_view text, const Prompt& prompt) {
  std::string out;
  const bool is_whole = each_piece(
      text, "", prompt.placeholders().count(), [&](std::string_view piece) { out += piece; },
      [&](std::size_t number) { out += prompt.placeholders().original(number); });
  return is_whole ? out : "";
}

}  // namespace

tl::expected<Wording, std::string> read_reply(std::string_view json, const Prompt& prompt, std::string_view nonce) {
  if (nonce.empty()) return Fault("the call has no nonce");
  return read(json, prompt, nonce);
}

std::string cached(const Wording& wording) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("title", wording.title).member("body", wording.body).name("evidence").begin_array();
  for (const std::size_t number : wording.evidence) writer.value("E" + std::to_string(number));
  writer.end_array().end_object();
  return out;
}

tl::expected<Wording, std::string> read_cached(std::string_view json, const Prompt& prompt) { return read(json, prompt, ""); }

tl::expected<Words, std::string> put_back(const Wording& wording, const Prompt& prompt) {
  Words words{put_back(wording.title, prompt), put_back(wording.body, prompt)};
  for (const std::string& text : {words.title, words.body}) {
    if (text.empty()) return Fault("a placeholder stands for nothing");
    if (const std::string fault = fault_of(text); !fault.empty()) return Fault("put back, the text " + fault);
  }
  for (const std::size_t number : wording.evidence) {
    if (number > prompt.evidence().size()) return Fault("evidence names a row that is not the finding's");
    words.evidence.push_back(prompt.evidence()[number - 1]);
  }
  return words;
}

}  // namespace weir::insights
