// Reads the migrations as far as is needed to know which tables and columns they make and which of them have a comment.
#include "common/core/text.hpp"
#include "common/testing/style_check.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <set>

namespace weir::style {

namespace {

struct Statement {
  std::size_t line = 0;
  std::string text;  // lower case, spaces folded, comments out; insides of literals kept
};

struct Place {
  std::string path;
  std::size_t line = 0;
};

/// Cuts SQL at its semicolons, leaving literals ('…', $tag$…$tag$) in one piece.
class Cutter {
 public:
  explicit Cutter(std::string_view sql) : sql_(sql) {}

  std::vector<Statement> run() && {
    while (at_ < sql_.size()) step();
    finish();
    return std::move(statements_);
  }

 private:
  void step() {
    if (sql_.substr(at_, 2) == "--") {
      at_ = std::min(sql_.find('\n', at_), sql_.size());
    } else if (sql_.substr(at_, 2) == "/*") {
      take_until("*/", false);
    } else if (sql_[at_] == '\'') {
      take_until("'", true);
    } else if (sql_[at_] == '$' && !dollar_tag().empty()) {
      take_until(dollar_tag(), true);
    } else if (sql_[at_] == ';') {
      ++at_;
      finish();
    } else {
      add(sql_[at_++]);
    }
  }

  [[nodiscard]] std::string dollar_tag() const {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && (std::isalnum(static_cast<unsigned char>(sql_[end])) != 0 || sql_[end] == '_')) ++end;
    return end < sql_.size() && sql_[end] == '$' ? std::string(sql_.substr(at_, end + 1 - at_)) : "";
  }

  void take_until(std::string_view end, bool keep) {
    const std::size_t begin_size = end == "*/" ? 2 : end.size();
    const std::size_t stop = std::min(sql_.find(end, at_ + begin_size), sql_.size() - std::min(sql_.size(), end.size())) + end.size();
    for (; at_ < std::min(stop, sql_.size()); ++at_) {
      if (keep) {
        add(sql_[at_]);
      } else if (sql_[at_] == '\n') {
        ++line_;
      }
    }
  }

  void add(char c) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (c == '\n') ++line_;
    if (space && (text_.empty() || text_.back() == ' ')) return;
    if (text_.empty()) first_line_ = line_;
    text_ += space ? ' ' : lower(c);
  }

  void finish() {
    if (!text_.empty()) statements_.push_back({first_line_, std::move(text_)});
    text_.clear();
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t first_line_ = 1;
  std::string text_;
  std::vector<Statement> statements_;
};

std::string qualified(std::string name) {
  std::erase(name, '"');
  return name.find('.') == std::string::npos ? "public." + name : name;
}

/// The items of a parenthesized list, cut at commas of its own level.
std::vector<std::string> items_of(std::string_view text) {
  std::vector<std::string> items(1);
  int depth = 0;
  bool quoted = false;
  for (const char c : text.substr(std::min(text.find('('), text.size()))) {
    if (c == '\'') quoted = !quoted;
    if (!quoted && c == '(' && depth++ == 0) continue;
    if (!quoted && c == ')' && --depth == 0) break;
    if (!quoted && c == ',' && depth == 1) {
      items.emplace_back();
    } else if (!items.back().empty() || c != ' ') {
      items.back() += c;
    }
  }
  return items;
}

class Ledger {
 public:
  void read(const File& file) {
    for (const Statement& statement : Cutter(file.text).run()) take({file.path, statement.line}, statement.text);
  }

  [[nodiscard]] std::vector<Violation> uncommented() const {
    std::vector<Violation> found;
    for (const auto& [name, place] : made_) {
      if (!commented_.contains(name))
        found.push_back({place.path, place.line, name + " has no COMMENT: say what it means, and in which unit"});
    }
    return found;
  }

 private:
  void take(const Place& place, const std::string& text) {
    static const std::regex create(R"(^create (unlogged )?table (if not exists )?([\w."]+) ?(\(|partition of ).*)");
    static const std::regex alter(R"(^alter table (if exists )?(only )?([\w."]+) (.*))");
    static const std::regex comment(R"re(^comment on (table|column) ([\w."]+) is ([^ ].*))re");
    std::smatch match;
    if (std::regex_match(text, match, comment)) {
      if (match[3] == "null" || match[3] == "''") return;
      std::string name = match[2].str();
      std::erase(name, '"');
      const auto dots = std::ranges::count(name, '.');
      commented_.insert(match[1] == "column" && dots < 2 ? "public." + name : (dots == 0 ? qualified(name) : name));
    } else if (std::regex_match(text, match, create)) {
      if (match[4] != "(") return;  // a partition speaks through its parent
      const std::string table = qualified(match[3].str());
      made_.emplace(table, place);
      for (const std::string& item : items_of(text)) add_column(table, item, place);
    } else if (std::regex_match(text, match, alter)) {
      const std::string table = qualified(match[3].str());
      for (const std::string& item : items_of("(" + match[4].str() + ")")) {
        static const std::regex added(R"(^add (column )?(if not exists )?(.*))");
        std::smatch column;
        if (std::regex_match(item, column, added)) add_column(table, column[3].str(), place);
      }
    }
  }

  void add_column(const std::string& table, const std::string& item, const Place& place) {
    static const std::set<std::string, std::less<>> not_columns = {"constraint", "primary", "unique", "check",
                                                                   "foreign",    "exclude", "like"};
    std::string name = item.substr(0, item.find_first_of(" ("));
    std::erase(name, '"');
    if (name.empty() || not_columns.contains(name)) return;
    std::string column = table;
    column += '.';
    column += name;
    made_.emplace(std::move(column), place);
  }

  std::map<std::string, Place> made_;
  std::set<std::string, std::less<>> commented_;
};

}  // namespace

std::vector<Violation> check_sql_comments(std::span<const File> files) {
  Ledger ledger;
  for (const File& file : files) {
    if (file.path.starts_with("schemas/migrations/") && file.path.ends_with(".up.sql")) ledger.read(file);
  }
  return ledger.uncommented();
}

}  // namespace weir::style
