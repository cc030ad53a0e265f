// Reading the tree, and telling code from comments and literals.
#include "common/testing/style_check.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace weir::style {

namespace {

constexpr std::array<std::string_view, 12> kTextEndings = {".cpp", ".hpp",  ".txt", ".cmake", ".sql", ".sh",
                                                           ".awk", ".yaml", ".yml", ".json",  ".md",  ".xml"};
constexpr std::array<std::string_view, 3> kTextNames = {"dev", "run", "Dockerfile"};

bool is_ours(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (std::ranges::find(kTextNames, name) != kTextNames.end()) return true;
  return std::ranges::find(kTextEndings, path.extension().string()) != kTextEndings.end();
}

bool is_skipped_folder(const std::filesystem::path& relative) {
  const std::string name = relative.filename().string();
  if (name.starts_with(".")) return name != ".ci";
  return relative == "build" || relative == "tests/golden" || relative == "tests/fuzz/corpus";
}

/// Walks C++ text once; each step copies one character into the view that it belongs to.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text), views_{blank(text), blank(text)} {}

  Views run() && {
    while (at_ < text_.size()) step();
    return std::move(views_);
  }

 private:
  static std::string blank(std::string_view text) {
    std::string out(text.size(), ' ');
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') out[i] = '\n';
    }
    return out;
  }

  [[nodiscard]] bool here(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  void step() {
    if (here("//")) return comment("\n");
    if (here("/*")) return comment("*/");
    if (here("R\"")) return raw_literal();
    if (text_[at_] == '"' || (text_[at_] == '\'' && !is_digit_separator())) return literal(text_[at_]);
    views_.code[at_] = text_[at_];
    ++at_;
  }

  // 1'000: the quote stands between two characters of a number.
  [[nodiscard]] bool is_digit_separator() const {
    return at_ > 0 && std::isalnum(static_cast<unsigned char>(text_[at_ - 1])) != 0 && at_ + 1 < text_.size() &&
           std::isalnum(static_cast<unsigned char>(text_[at_ + 1])) != 0 && text_[at_ - 1] != 'u' && text_[at_ - 1] != 'L';
  }

  void comment(std::string_view end) {
    const std::size_t stop = std::min(text_.find(end, at_ + 2), text_.size());
    for (; at_ < stop; ++at_) views_.comments[at_] = text_[at_];
    if (end == "*/") at_ = std::min(at_ + 2, text_.size());
  }

  void literal(char quote) {
    views_.code[at_] = quote;
    for (++at_; at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    close(quote);
  }

  void raw_literal() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) {
      at_ = text_.size();
      return;
    }
    const std::string end = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    views_.code[at_ + 1] = '"';
    at_ = std::min(text_.find(end, open), text_.size() - end.size()) + end.size() - 1;
    close('"');
  }

  void close(char quote) {
    if (at_ >= text_.size()) return;
    if (text_[at_] == quote) views_.code[at_] = quote;
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Views views_;
};

}  // namespace

std::vector<File> read_tree(const std::filesystem::path& root) {
  std::vector<File> files;
  for (auto entry = std::filesystem::recursive_directory_iterator(root); entry != std::filesystem::recursive_directory_iterator();
       ++entry) {
    const std::filesystem::path relative = entry->path().lexically_relative(root);
    if (entry->is_directory()) {
      if (is_skipped_folder(relative)) entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || !is_ours(relative)) continue;
    std::ifstream stream(entry->path(), std::ios::binary);
    files.push_back({relative.generic_string(), {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()}});
  }
  std::ranges::sort(files, {}, &File::path);
  return files;
}

Views split(std::string_view text) { return Splitter(text).run(); }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_under(std::string_view path, std::string_view place) {
  return path.starts_with(place) && (path.size() == place.size() || path[place.size()] == '/');
}

bool is_cpp(const File& file) { return file.path.ends_with(".cpp") || file.path.ends_with(".hpp"); }

}  // namespace weir::style
