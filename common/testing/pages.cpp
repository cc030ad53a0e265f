#include "common/testing/pages.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>

namespace weir::testing {
namespace {

constexpr std::string_view kFence = "```";
constexpr std::string_view kMark = "<!-- ";
constexpr std::string_view kMarkEnd = " -->";

struct Meaning {
  std::string_view words;
  Use use;
  std::string_view languages;
};

// A mark that another one begins with stands before it.
constexpr std::array kMeanings{
    Meaning{"run as ", Use::kRun, "sql"},
    Meaning{"runs on instead", Use::kRunOnInstead, "sh"},
    Meaning{"runs on", Use::kRunOn, "sh"},
    Meaning{"given to ", Use::kGive, "yaml json"},
    Meaning{"parsed only: ", Use::kParse, "sh sql yaml json python"},
};

Result<Use> unmarked(std::string_view language) {
  if (language == "sh" || language == "sql") return Use::kRun;
  if (language == "yaml") return Use::kGive;
  if (language == "json") return Use::kParse;
  if (language == "text" || language == "cpp") return Use::kShow;
  return fail(FaultKind::kData, "an example in '" + std::string(language) + "', which no test runs",
              "name another language, text for what is only shown, or mark it");
}

const Meaning* meaning_of(std::string_view mark) {
  const auto* found = std::ranges::find_if(kMeanings, [&](const Meaning& meaning) { return mark.starts_with(meaning.words); });
  return found == kMeanings.end() ? nullptr : found;
}

/// `mark`: what stands between <!-- and -->; empty: none.
Result<void> decide(Example& example, std::string_view mark) {
  if (mark.empty()) {
    example.use = WEIR_TRY(unmarked(example.language));
    if (example.language == "yaml") example.with = "weir config --config";
    return {};
  }
  const Meaning* found = meaning_of(mark);
  if (found == nullptr) return fail(FaultKind::kData, "'" + std::string(mark) + "' is no mark of an example");
  if (found->languages.find(example.language) == std::string_view::npos || example.language.empty()) {
    return fail(FaultKind::kData, "the mark '" + std::string(mark) + "' does not suit " + example.language);
  }
  example.use = found->use;
  example.with = mark.substr(found->words.size());
  return {};
}

class Reader {
 public:
  Result<void> take(std::string_view line) {
    ++number_;
    const std::size_t indent = line.find_first_not_of(' ');
    const std::string_view bare = indent == std::string_view::npos ? std::string_view() : line.substr(indent);
    const bool fence = bare.starts_with(kFence);
    if (inside_ && !fence) {
      found_.back().text += std::string(line.substr(std::min({indent_, indent, line.size()}))) + '\n';
      return {};
    }
    if (fence && inside_) {
      inside_ = false;
    } else if (fence) {
      WEIR_TRY(open(bare.substr(kFence.size()), indent));
    } else if (meaning_of(mark_) != nullptr) {
      return fail(FaultKind::kData,
                  "line " + std::to_string(number_ - 1) + ": no example stands right below the mark '" + std::string(mark_) + "'");
    } else if (bare.starts_with("#")) {
      section_ = bare;
    }
    const bool marks = bare.starts_with(kMark) && bare.ends_with(kMarkEnd);
    mark_ = marks ? bare.substr(kMark.size(), bare.size() - kMark.size() - kMarkEnd.size()) : std::string_view();
    return {};
  }
  Result<std::vector<Example>> end() {
    if (inside_) return fail(FaultKind::kData, "line " + std::to_string(found_.back().line) + ": the example has no end");
    return std::move(found_);
  }

 private:
  Result<void> open(std::string_view language, std::size_t indent) {
    Example example{.line = number_, .section = section_, .language = std::string(language), .use = Use::kShow, .with = {}, .text = {}};
    auto decided = decide(example, mark_);
    if (!decided) return fail(decided.error().in("line " + std::to_string(number_)));
    found_.push_back(std::move(example));
    inside_ = true;
    indent_ = indent;
    return {};
  }

  std::size_t number_ = 0;
  std::string section_;
  std::string_view mark_;
  bool inside_ = false;
  std::size_t indent_ = 0;
  std::vector<Example> found_;
};

}  // namespace

Result<std::vector<Example>> examples(std::string_view page) {
  Reader reader;
  while (!page.empty()) {
    const std::size_t end = std::min(page.find('\n'), page.size());
    WEIR_TRY(reader.take(page.substr(0, end)));
    page.remove_prefix(std::min(end + 1, page.size()));
  }
  return reader.end();
}

std::vector<std::string> example_texts(const std::filesystem::path& page, std::string_view section) {
  std::ostringstream text;
  text << std::ifstream(page).rdbuf();
  const auto found = examples(text.str());
  WEIR_ASSERT(found.has_value());
  std::vector<std::string> texts;
  for (const Example& example : *found) {
    if (example.section == section) texts.push_back(example.text);
  }
  return texts;
}

}  // namespace weir::testing
