// The house style as a program: what a reader of the tree may rely on and no compiler checks. The style test runs every rule over the
// tree, and over planted violations, so that a rule which finds nothing is seen.
#pragma once

#include "common/core/result.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::style {

/// A file of the tree; `path` is relative to its root, with '/'.
struct File {
  std::string path;
  std::string text;
};

/// A broken rule, with its place and what to do about it.
struct Violation {
  std::string path;
  std::size_t line = 0;  // from 1; 0: the file as a whole
  std::string what;

  friend bool operator==(const Violation&, const Violation&) = default;
};

/// C++ text in parts of equal length and line breaks: what does not belong to a part is blank in it.
struct Views {
  std::string code;      // neither comments nor the insides of literals
  std::string comments;  // only the insides of comments
};

/// Every text file that is ours to write: no build tree, no hidden folder but .ci, no golden.
[[nodiscard]] std::vector<File> read_tree(const std::filesystem::path& root);

[[nodiscard]] Views split(std::string_view text);
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);
[[nodiscard]] bool is_cpp(const File& file);
/// Whether `path` is the file or folder `place`, or stands in that folder.
[[nodiscard]] bool is_under(std::string_view path, std::string_view place);

struct Include {
  std::size_t line = 0;
  std::string header;
};
[[nodiscard]] std::vector<Include> includes_of(const File& file);

struct Function {
  std::string head;  // what stands before its body
  std::size_t first_line = 0;
  std::size_t last_line = 0;
};
/// The functions with a body in code as `split` gives it.
[[nodiscard]] std::vector<Function> functions_of(std::string_view code);

/// Includes follow the arrows of the layout, and a foreign client's header stands only where it is wrapped.
[[nodiscard]] std::vector<Violation> check_includes(const File& file);
/// Files up to 400 lines, functions up to 60.
[[nodiscard]] std::vector<Violation> check_sizes(const File& file);
/// Words and calls that have no place: sleeping tests, clocks outside core, deferred work, a default that hides an enumerator.
[[nodiscard]] std::vector<Violation> check_bans(const File& file);
/// A clock is made in two places: for the program, and in core, where what waits for the outside world waits.
[[nodiscard]] std::vector<Violation> check_clocks(const File& file);
/// Headers are included once and say what they are for.
[[nodiscard]] std::vector<Violation> check_heads(const File& file);
/// Every source, and with it every test, is named in a CMakeLists.txt that the build reaches.
[[nodiscard]] std::vector<Violation> check_wiring(std::span<const File> files);
/// A source that reaches neither a client nor the machine has its test under tests/unit, by its name.
[[nodiscard]] std::vector<Violation> check_mirrors(std::span<const File> files);
/// Every header stands before all else in some source, so that the build shows that it compiles alone.
[[nodiscard]] std::vector<Violation> check_first_includes(std::span<const File> files);
/// Each row of tests/mutations/mutations.txt changes its file, and names a test program and a case that are there.
[[nodiscard]] std::vector<Violation> check_mutations(std::span<const File> files);
/// Every table and column of the migrations says what it means.
[[nodiscard]] std::vector<Violation> check_sql_comments(std::span<const File> files);

}  // namespace weir::style
