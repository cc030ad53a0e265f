#include "common/config/yaml_file.hpp"

#include "common/config/suggestion.hpp"
#include "common/config/upgrade.hpp"
#include "common/config/value.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace weir::config {

namespace {

constexpr std::size_t kMaxFileBytes = 1UL << 20U;

using Path = std::vector<std::string>;

std::vector<std::string> steps_of(std::string_view key) {
  std::vector<std::string> steps;
  while (true) {
    const std::size_t dot = key.find('.');
    steps.emplace_back(key.substr(0, dot));
    if (dot == std::string_view::npos) return steps;
    key = key.substr(dot + 1);
  }
}

class Reader {
 public:
  Reader(const Schema& schema, const std::string& name, FileSettings& out) : schema_(schema), name_(name), out_(out) {
    for (const Field& field : schema.fields()) rows_.push_back({steps_of(field.key), &field});
  }

  void section(const YAML::Node& node, Path& path) {
    std::map<std::string, int> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        complain(entry.first.Mark(), joined(path, ""), "a key must be a plain word");
        continue;
      }
      const std::string step = entry.first.Scalar();
      const auto [first, is_new] = seen.emplace(step, entry.first.Mark().line + 1);
      path.push_back(step);
      if (is_new) {
        take(entry.first, entry.second, path);
      } else {
        complain(entry.first.Mark(), joined(path, ""), fmt::format("given twice (first in line {})", first->second));
      }
      path.pop_back();
    }
  }

  void complain(const YAML::Mark& mark, const std::string& key, const std::string& what) {
    out_.faults.push_back(fmt::format("{}: {}{}{}", place(mark), key, key.empty() ? "" : ": ", what));
  }

  [[nodiscard]] std::string place(const YAML::Mark& mark) const { return fmt::format("{}:{}:{}", name_, mark.line + 1, mark.column + 1); }

 private:
  struct Row {
    std::vector<std::string> steps;
    const Field* field;
  };

  static std::string joined(const Path& path, std::string_view suffix) { return fmt::format("{}{}", fmt::join(path, "."), suffix); }

  /// Whether the row's first steps are those of the path.
  static bool begins_with(const Row& row, const Path& path) {
    if (row.steps.size() < path.size()) return false;
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (row.steps[i] != "*" && row.steps[i] != path[i]) return false;
    }
    return true;
  }

  const Field* row_of(const Path& path) const {
    for (const Row& row : rows_) {
      if (row.steps.size() == path.size() && begins_with(row, path)) return row.field;
    }
    return nullptr;
  }

  bool is_section(const Path& path) const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [&](const Row& row) { return row.steps.size() > path.size() && begins_with(row, path); });
  }

  /// Whether keys stood here that stand under another section now.
  bool was_section(const Path& path) const {
    return std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
      return row.steps.size() == path.size() + 2 && present_key(schema_, joined(path, "." + row.steps.back())) == row.field->key;
    });
  }

  void take(const YAML::Node& key, const YAML::Node& value, Path& path) {
    if (const Field* field = row_of(path)) return read_value(*field, key, value, joined(path, ""));
    if (is_section(path)) {
      if (value.IsMap()) return section(value, path);
      if (!value.IsNull()) complain(value.Mark(), joined(path, ""), fmt::format("is a section; its keys are {}", children(path)));
      return;
    }
    if (const auto present = present_key(schema_, joined(path, ""))) {
      return complain(key.Mark(), joined(path, ""), fmt::format("is {} now (weir config --upgrade prints the file rewritten)", *present));
    }
    if (was_section(path) && value.IsMap()) return section(value, path);
    if (path.back().ends_with("_file")) {
      Path base = path;
      base.back().resize(base.back().size() - std::string_view("_file").size());
      const Field* secret = row_of(base);
      if (secret != nullptr && secret->secret) return read_secret_file(key, value, joined(path, ""));
    }
    complain(key.Mark(), joined(path, ""), fmt::format("unknown key{}", suggestion(path)));
  }

  void read_secret_file(const YAML::Node& key, const YAML::Node& value, const std::string& name) {
    if (!value.IsScalar()) return complain(mark_of(key, value), name, "must be the path of a file");
    out_.settings[name] = Setting{value.Scalar(), {}, {}, place(value.Mark())};
  }

  static YAML::Mark mark_of(const YAML::Node& key, const YAML::Node& value) { return value.Mark().line < 0 ? key.Mark() : value.Mark(); }

  void read_value(const Field& field, const YAML::Node& key, const YAML::Node& value, const std::string& name) {
    if (value.IsNull()) return complain(key.Mark(), name, "has no value (remove the line to keep the default)");
    if (field.type == Type::kTextList && value.IsSequence()) return read_list(key, value, name);
    if (field.type == Type::kTextMap && value.IsMap()) return read_map(value, name);
    if (!value.IsScalar()) return complain(mark_of(key, value), name, fmt::format("must be a {}", domain_of(field)));
    if (const auto wrong = complaint(field, value.Scalar())) return complain(value.Mark(), name, *wrong);
    out_.settings[name] = setting_of(field, value.Scalar(), place(value.Mark()));
  }

  void read_list(const YAML::Node& key, const YAML::Node& value, const std::string& name) {
    Setting setting;
    setting.origin = place(mark_of(key, value));
    for (const YAML::Node& item : value) {
      if (!item.IsScalar()) return complain(mark_of(key, item), name, "must be a list of texts");
      setting.list.push_back(item.Scalar());
    }
    setting.value = fmt::format("{}", fmt::join(setting.list, ","));
    out_.settings[name] = std::move(setting);
  }

  void read_map(const YAML::Node& value, const std::string& name) {
    Setting setting;
    setting.origin = place(value.Mark());
    for (const auto& entry : value) {
      if (!entry.first.IsScalar() || !entry.second.IsScalar()) return complain(entry.first.Mark(), name, "must be a map of texts");
      setting.map[entry.first.Scalar()] = entry.second.Scalar();
    }
    for (const auto& [item, text] : setting.map) setting.value += fmt::format("{}{}={}", setting.value.empty() ? "" : ",", item, text);
    out_.settings[name] = std::move(setting);
  }

  /// The words that may stand at this place: the next step of every row that begins like `path`.
  [[nodiscard]] std::vector<std::string> words_below(const Path& path) const {
    std::vector<std::string> words;
    for (const Row& row : rows_) {
      if (row.steps.size() <= path.size() || !begins_with(row, path)) continue;
      const std::string& word = row.steps[path.size()];
      if (word == "*" || std::find(words.begin(), words.end(), word) != words.end()) continue;
      words.push_back(word);
      if (row.field->secret && row.steps.size() == path.size() + 1) words.push_back(word + "_file");
    }
    return words;
  }

  [[nodiscard]] std::string children(const Path& path) const {
    const auto words = words_below(path);
    return words.empty() ? "names of your choice" : fmt::format("{}", fmt::join(words, ", "));
  }

  [[nodiscard]] std::string suggestion(const Path& path) const {
    const Path parent(path.begin(), path.end() - 1);
    const auto siblings = words_below(parent);
    if (const auto near = nearest(path.back(), siblings)) return fmt::format(" (did you mean {}?)", *near);
    for (const Row& row : rows_) {
      if (row.steps.back() == path.back()) return fmt::format(" (did you mean {}?)", row.field->key);
    }
    if (siblings.empty()) return "";
    return fmt::format(" (known here: {})", fmt::join(siblings, ", "));
  }

  const Schema& schema_;
  const std::string& name_;
  FileSettings& out_;
  std::vector<Row> rows_;
};

}  // namespace

Result<std::string> read_text(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return fail(FaultKind::kConfiguration, path + ": is a directory, not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(FaultKind::kConfiguration, fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes) return fail(FaultKind::kConfiguration, path + ": is larger than 1 MiB");
  return text;
}

FileSettings read_yaml(const Schema& schema, const std::string& name, const std::string& text) {
  FileSettings out;
  Reader reader(schema, name, out);
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) {
      reader.complain(documents[1].Mark(), "", "a second YAML document; the configuration is one");
    } else if (!documents.empty() && documents[0].IsMap()) {
      Path path;
      reader.section(documents[0], path);
    } else if (!documents.empty() && !documents[0].IsNull()) {
      reader.complain(documents[0].Mark(), "", "must be a map of sections, such as kafka: and postgres:");
    }
  } catch (const YAML::Exception& error) {
    reader.complain(error.mark, "", fmt::format("is not YAML: {}", error.msg));
  }
  return out;
}

}  // namespace weir::config
