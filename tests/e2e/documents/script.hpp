// Pages as one program of bash: their examples in order, in the words of the page. It goes on after an example that fails, and keeps a
// line for each failure.
#pragma once

#include "common/testing/pages.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace weir::testing {

struct Page {
  std::string path;                                  // from the root of the tree
  std::string reader;                                // the connection string by which its SQL is asked
  bool is_operators = true;                          // others have no variable of weir's
  std::map<std::string, std::string> variables{};    // which the page tells its reader to set
  std::map<std::string, std::string> environment{};  // where this machine is another one than the reader's: free ports
  std::map<std::string, std::string> before{};       // what the test does before the first example of a section
  bool keeps_shell = false;                          // later pages find what this one exported, and what it runs runs on
};

class Script {
 public:
  /// `folder`: where the program keeps its files, and below it the directory that examples run in.
  explicit Script(std::filesystem::path folder);

  /// Commands of the test's own.
  void step(const std::string& name, const std::string& commands);
  void page(const Page& page);
  /// Ends what runs on.
  void end();

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::filesystem::path failures() const { return folder_ / "failures"; }
  [[nodiscard]] std::filesystem::path directory() const { return folder_ / "directory"; }
  [[nodiscard]] std::filesystem::path logs() const { return folder_ / "logs"; }
  /// The examples that no machine of ours can run: page, line, language and reason.
  [[nodiscard]] const std::vector<std::string>& parsed() const { return parsed_; }

 private:
  void begin(const std::string& place);
  void add(const Page& page, const Example& example, const std::string& place);
  void run_on(const Example& example);
  [[nodiscard]] std::string file_of(const Example& example, const std::string& place);

  std::filesystem::path folder_;
  std::string text_;
  std::vector<std::string> parsed_;
  int files_ = 0;
};

}  // namespace weir::testing
