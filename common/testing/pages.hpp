// The examples in a page of Markdown, and what is to be done with each so that a test can say that it holds.
//   example  := [mark LF] indent "```" language LF line* indent "```"
//   language := "sh" | "sql" | "yaml" | "json" | "python"      these are examples
//             | "text" | "cpp"                                 what a program prints, a drawing, a grammar, a fragment: shown, not run
//   mark     := "<!-- " what " -->", which a reader of the page does not see
//   what     := "run as " ROLE            sql: as this role of the database, not as the page's reader
//             | "runs on" | "runs on instead"   sh: a command that does not end, beside those that ran on before, or in their place
//             | "given to " COMMAND       yaml, json: a file that this command takes as its last argument; without the mark yaml is given
//             to
//                                         weir config, and json is parsed
//             | "parsed only: " REASON    what cannot be run where tests run
#pragma once

#include "common/core/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace weir::testing {

enum class Use : std::uint8_t { kRun, kRunOn, kRunOnInstead, kGive, kParse, kShow };

struct Example {
  std::size_t line = 0;  // of its fence, from 1
  std::string section;   // the heading above it, "## Name"
  std::string language;
  Use use = Use::kShow;
  std::string with;  // the role, the command or the reason of its mark
  std::string text;  // without the indent of its fence
};

/// In the order of the page. Fault kData with the line: a fence without one of the languages, or that is not closed, a mark that is none of
/// these, does not suit its language, or has no example right below it.
[[nodiscard]] Result<std::vector<Example>> examples(std::string_view page);

/// The texts of a file's examples in one section ("## Name"), which a test or bench runs itself. Ends the process where examples() would
/// fail.
[[nodiscard]] std::vector<std::string> example_texts(const std::filesystem::path& page, std::string_view section);

}  // namespace weir::testing
