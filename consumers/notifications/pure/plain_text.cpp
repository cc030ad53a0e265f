#include "consumers/notifications/pure/plain_text.hpp"

#include "common/core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace weir::notifications {

namespace {

constexpr std::size_t kLongestEntity = 10;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f'; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | (code >> shift & 0x3FU)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | code >> 6U);
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | code >> 12U);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | code >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

/// The character of an entity's name, "amp" or "#39" or "#x27"; empty where it is not known.
std::string entity(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kNamed{{{"amp", "&"},
                                                                                  {"lt", "<"},
                                                                                  {"gt", ">"},
                                                                                  {"quot", "\""},
                                                                                  {"apos", "'"},
                                                                                  {"nbsp", " "},
                                                                                  {"ndash", "–"},
                                                                                  {"mdash", "—"},
                                                                                  {"hellip", "…"},
                                                                                  {"copy", "©"}}};
  const auto* const named = std::ranges::find(kNamed, name, &std::pair<std::string_view, std::string_view>::first);
  if (named != kNamed.end()) return std::string(named->second);
  if (!name.starts_with('#')) return "";
  name.remove_prefix(1);
  const bool is_hex = name.starts_with('x') || name.starts_with('X');
  if (is_hex) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), code, is_hex ? 16 : 10);
  const bool is_character = code >= ' ' && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  if (error != std::errc() || end != name.data() + name.size() || !is_character) return "";
  std::string out;
  append_utf8(out, code);
  return out;
}

/// Writes text with its blanks as HTML shows them.
class Writer {
 public:
  /// A run of blanks is one blank, and none at the begin of a line.
  void text(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      if (is_blank(text[at])) {
        blank_ = true;
        ++at;
        continue;
      }
      at += character(text.substr(at));
    }
  }
  /// The next text begins so many lines further down. Where it was called several times before that text, the largest count holds.
  void lines(std::size_t count) { lines_ = std::max(lines_, count); }
  void item() {
    lines(1);
    put("- ");
  }
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] std::string_view since(std::size_t begin) const { return std::string_view(out_).substr(std::min(begin, out_.size())); }
  [[nodiscard]] std::string finish() && { return std::move(out_) + (out_.empty() ? "" : "\n"); }

 private:
  void put(std::string_view shown) {
    if (lines_ > 0 && !out_.empty()) out_.append(lines_, '\n');
    if (lines_ == 0 && blank_ && !out_.empty() && out_.back() != ' ') out_ += ' ';
    lines_ = 0;
    blank_ = false;
    out_ += shown;
  }
  /// Writes the character or the entity at the begin of the text, and gives how many bytes that was.
  std::size_t character(std::string_view text) {
    if (text.front() == '&') {
      const std::size_t end = text.substr(0, kLongestEntity).find(';');
      const std::string shown = end == std::string_view::npos ? "" : entity(text.substr(1, end - 1));
      if (!shown.empty()) {
        put(shown);
        return end + 1;
      }
    }
    put(text.substr(0, 1));
    return 1;
  }

  std::string out_;
  std::size_t lines_ = 0;
  bool blank_ = false;
};

struct Tag {
  std::string name;  // in lower case; "/p" of an end
  std::string_view attributes;
};

/// The value of an attribute in quotes, as it stands in the HTML.
std::string_view attribute(std::string_view attributes, std::string_view name) {
  const std::string low = lower(attributes);
  for (std::size_t at = low.find(name); at != std::string::npos; at = low.find(name, at + 1)) {
    const std::size_t equals = at + name.size();
    if ((at > 0 && !is_blank(low[at - 1])) || equals + 1 >= low.size() || low[equals] != '=') continue;
    const char quote = low[equals + 1];
    const std::size_t end = quote == '"' || quote == '\'' ? low.find(quote, equals + 2) : std::string::npos;
    if (end != std::string::npos) return attributes.substr(equals + 2, end - equals - 2);
  }
  return {};
}

class Reader {
 public:
  std::string read(std::string_view html) {
    // A "<" behind the last ">" begins no tag, which take_tag() knows without looking for its end.
    const std::size_t last = html.rfind('>');
    last_close_ = last == std::string_view::npos ? nullptr : html.data() + last;
    while (!html.empty()) {
      const std::size_t begin = html.find('<');
      if (hidden_.empty()) out_.text(html.substr(0, begin));
      if (begin == std::string_view::npos) break;
      html.remove_prefix(begin);
      html.remove_prefix(take_tag(html));
    }
    return std::move(out_).finish();
  }

 private:
  /// Gives how many bytes the tag at the begin of the text has; a "<" that begins none is text.
  std::size_t take_tag(std::string_view html) {
    if (html.starts_with("<!--")) {
      const std::size_t end = html.find("-->");
      return end == std::string_view::npos ? html.size() : end + 3;
    }
    const bool may_be_tag = html.size() > 1 && (is_letter(html[1]) || html[1] == '/' || html[1] == '!') && html.data() <= last_close_;
    if (!may_be_tag) {
      if (hidden_.empty()) out_.text("<");
      return 1;
    }
    const std::size_t end = html.find('>');
    std::string_view inside = html.substr(1, end - 1);
    if (inside.ends_with('/')) inside.remove_suffix(1);
    const auto* const name_end = std::ranges::find_if(inside, is_blank);
    const auto length = static_cast<std::size_t>(name_end - inside.begin());
    take({lower(inside.substr(0, length)), inside.substr(length)});
    return end + 1;
  }

  void take(const Tag& tag) {
    constexpr std::array<std::string_view, 4> kHidden{"head", "style", "script", "title"};
    if (!hidden_.empty()) {
      if (tag.name == "/" + hidden_) hidden_.clear();
      return;
    }
    if (std::ranges::find(kHidden, tag.name) != kHidden.end()) {
      hidden_ = tag.name;
      return;
    }
    const std::string_view name = std::string_view(tag.name).substr(tag.name.starts_with('/') ? 1 : 0);
    if (name == "a") return take_link(tag);
    if (tag.name == "li") return out_.item();
    layout(name);
  }

  void layout(std::string_view name) {
    constexpr std::array<std::string_view, 13> kApart{"p",  "h1", "h2",    "h3",         "h4",  "h5",     "h6",
                                                      "ul", "ol", "table", "blockquote", "pre", "section"};
    constexpr std::array<std::string_view, 5> kLines{"br", "div", "tr", "hr", "li"};
    if (std::ranges::find(kApart, name) != kApart.end()) return out_.lines(2);
    if (std::ranges::find(kLines, name) != kLines.end()) return out_.lines(1);
    if (name == "td" || name == "th") out_.text(" ");
  }

  void take_link(const Tag& tag) {
    if (tag.name == "a") {
      Writer target;
      target.text(attribute(tag.attributes, "href"));
      link_ = std::move(target).finish();
      if (!link_.empty()) link_.pop_back();
      link_begins_ = out_.size();
      return;
    }
    const std::string_view shown = out_.since(link_begins_);
    const bool is_said = shown.find(link_) != std::string_view::npos;
    if (!link_.empty() && !is_said) out_.text(" (" + escaped_again(link_) + ")");
    link_.clear();
  }

  /// The writer reads entities. Those of an address were read before, so that each "&" of it is escaped again, and stays as it is.
  static std::string escaped_again(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '&' ? std::string("&amp;") : std::string(1, c);
    return out;
  }

  Writer out_;
  const char* last_close_ = nullptr;
  std::string hidden_;  // the name of the element whose content is not shown; "": it is
  std::string link_;
  std::size_t link_begins_ = 0;
};

}  // namespace

std::string plain_text_of(std::string_view html) { return Reader().read(html); }

}  // namespace weir::notifications
