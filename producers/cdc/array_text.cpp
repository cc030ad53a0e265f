#include "producers/cdc/array_text.hpp"

namespace weir::cdc {

namespace {

// Postgres' own limit of dimensions (MAXDIM).
constexpr int kMaxDepth = 6;

class ArrayReader {
 public:
  ArrayReader(std::string& out, const ColumnType& type, std::string_view text) : out_(out), type_(type), text_(text) {}

  bool whole() {
    if (text_.starts_with('[')) {
      const auto equals = text_.find('=');
      if (equals == std::string_view::npos) return false;
      at_ = equals + 1;
    }
    return list(1) && at_ == text_.size();
  }

 private:
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool list(int depth) {
    if (depth > kMaxDepth || !take('{')) return false;
    out_ += '[';
    if (!take('}')) {
      do {
        if (out_.back() != '[') out_ += ',';
        if (!item(depth)) return false;
      } while (take(type_.delimiter));
      if (!take('}')) return false;
    }
    out_ += ']';
    return true;
  }

  bool item(int depth) {
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '{') return list(depth + 1);
    if (text_[at_] == '"') return quoted();
    const auto start = at_;
    while (at_ < text_.size() && text_[at_] != type_.delimiter && text_[at_] != '}') {
      if (text_[at_] == '{' || text_[at_] == '"' || text_[at_] == '\\') return false;
      ++at_;
    }
    const auto bare = text_.substr(start, at_ - start);
    if (bare.empty()) return false;
    if (bare == "NULL") {
      out_ += "null";
    } else {
      append_value(out_, *type_.element, bare);
    }
    return true;
  }

  bool quoted() {
    ++at_;
    std::string value;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && ++at_ == text_.size()) return false;
      value += text_[at_++];
    }
    if (!take('"')) return false;
    append_value(out_, *type_.element, value);
    return true;
  }

  std::string& out_;
  const ColumnType& type_;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool append_array(std::string& out, const ColumnType& type, std::string_view text) {
  return type.element != nullptr && ArrayReader(out, type, text).whole();
}

}  // namespace weir::cdc
