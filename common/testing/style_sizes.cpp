// Lengths of files and functions. Functions are found by their braces: one opened in a namespace or a type behind a parameter list.
#include "common/testing/style_check.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <regex>

namespace weir::style {

namespace {

constexpr std::size_t kFileLines = 400;
constexpr std::size_t kFunctionLines = 60;

enum class Brace { kScope, kFunction, kOther };  // kScope: of a namespace or a type

struct Open {
  Brace kind = Brace::kOther;
  std::string head;           // what stood before the brace, from the end of the statement before
  std::size_t head_line = 0;  // where that began
  int parentheses = 0;
};

class Scanner {
 public:
  explicit Scanner(std::string_view code) : code_(code) {}

  std::vector<Function> run() && {
    for (; at_ < code_.size(); ++at_) step(code_[at_]);
    return std::move(functions_);
  }

 private:
  void step(char c) {
    if (c == '\n') {
      ++line_;
      head_ += ' ';
    } else if (c == '#' && std::ranges::all_of(head_, is_space)) {
      skip_directive();
    } else if (c == '{') {
      open();
    } else if (c == '}') {
      close();
    } else if (c == ';' && parentheses_ == 0) {
      clear_head();
    } else {
      if (std::ranges::all_of(head_, is_space)) head_line_ = line_;
      if (c == '(') ++parentheses_;
      if (c == ')') --parentheses_;
      head_ += c;
      if (c == ':') drop_access_specifier();
    }
  }

  static bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

  void skip_directive() {
    while (at_ < code_.size() && (code_[at_] != '\n' || code_[at_ - 1] == '\\')) {
      if (code_[at_] == '\n') ++line_;
      ++at_;
    }
    ++line_;
  }

  void drop_access_specifier() {
    static const std::regex access(R"(^\s*(public|private|protected)\s*:$)");
    if (std::regex_match(head_, access)) clear_head();
  }

  [[nodiscard]] Brace kind_of_brace() const {
    const bool in_scope = stack_.empty() || stack_.back().kind == Brace::kScope;
    if (!in_scope || parentheses_ > 0) return Brace::kOther;
    static const std::regex scope(R"(^\s*(template\s*<.*>\s*)?(inline\s+)?(namespace|class|struct|union|enum|extern\s*")(\W|$).*)");
    static const std::regex struct_result(R"(^\s*(struct|enum|class)\s+\w+[\s*&]+\w+\s*\(.*)");
    if (std::regex_match(head_, scope) && !std::regex_match(head_, struct_result)) return Brace::kScope;
    const std::size_t last = head_.find_last_not_of(" \t");
    const bool is_value = last != std::string::npos && (head_[last] == '=' || head_[last] == '{');
    return head_.find('(') != std::string::npos && !is_value ? Brace::kFunction : Brace::kOther;
  }

  void open() {
    stack_.push_back({kind_of_brace(), head_, head_line_, parentheses_});
    clear_head();
    parentheses_ = 0;
  }

  void close() {
    if (stack_.empty()) return;
    Open top = std::move(stack_.back());
    stack_.pop_back();
    clear_head();
    parentheses_ = top.parentheses;
    const std::size_t next = code_.find_first_not_of(" \t\n", at_ + 1);
    // `a_{1}, b_(2) {`: the brace was of an initializer, and the head goes on.
    const bool goes_on = next != std::string_view::npos && (code_[next] == ',' || code_[next] == '{' || code_[next] == ')');
    if (top.kind == Brace::kOther || goes_on) {
      const bool in_scope = stack_.empty() || stack_.back().kind == Brace::kScope;
      if (in_scope && goes_on) {
        head_ = std::move(top.head);
        head_line_ = top.head_line;
      }
      return;
    }
    if (top.kind == Brace::kFunction) functions_.push_back({std::move(top.head), top.head_line, line_});
  }

  void clear_head() {
    head_.clear();
    head_line_ = line_;
  }

  std::string_view code_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::string head_;
  std::size_t head_line_ = 1;
  int parentheses_ = 0;
  std::vector<Open> stack_;
  std::vector<Function> functions_;
};

std::string name_of(std::string_view head) {
  static const std::regex name(R"(([A-Za-z_~][\w:~]*|operator\W+)\s*\()");
  std::match_results<std::string_view::const_iterator> match;
  return std::regex_search(head.begin(), head.end(), match, name) ? match[1].str() : "a function";
}

bool has_bound(const File& file) {
  return !file.path.ends_with(".md") && !file.path.ends_with(".json");  // prose and data are as long as they need to be
}

}  // namespace

std::vector<Function> functions_of(std::string_view code) { return Scanner(code).run(); }

std::vector<Violation> check_sizes(const File& file) {
  std::vector<Violation> found;
  const std::size_t lines = static_cast<std::size_t>(std::ranges::count(file.text, '\n'));
  if (has_bound(file) && lines > kFileLines) {
    found.push_back(
        {file.path, 0, "has " + std::to_string(lines) + " lines, more than " + std::to_string(kFileLines) + ": one idea a file"});
  }
  if (!is_cpp(file)) return found;
  for (const Function& function : functions_of(split(file.text).code)) {
    const std::size_t length = function.last_line - function.first_line + 1;
    if (length <= kFunctionLines) continue;
    found.push_back({file.path, function.first_line,
                     name_of(function.head) + " has " + std::to_string(length) + " lines, more than " + std::to_string(kFunctionLines)});
  }
  return found;
}

}  // namespace weir::style
