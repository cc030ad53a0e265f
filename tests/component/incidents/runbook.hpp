// A page of docs/runbooks in a reader's hands: its examples one after the other, as the page prints them, in a directory of their own. A
// page whose commands do not solve its incident fails the test.
#pragma once

#include "common/testing/pages.hpp"
#include "common/testing/services.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace weir::testing {

struct Told {
  int exit_code = -1;
  std::string text;  // both streams
};

class Runbook {
 public:
  /// `page`: a file of docs/runbooks. The reader has the variables of docs/operator.md, First start: commands work as weir_operator over
  /// this database. `configuration`: the reader's weir.yaml, or "".
  Runbook(const std::string& page, const std::string& dsn, const std::filesystem::path& configuration = {});
  Runbook(const Runbook&) = delete;
  Runbook& operator=(const Runbook&) = delete;
  /// Checks that the whole page was followed.
  ~Runbook();

  /// A variable that the page has its reader set.
  void set(const std::string& variable, const std::string& value);
  /// Runs the next example of the page, whose text begins so, to its end.
  Told follow(const std::string& begin);
  /// Starts it: an example that runs on.
  supervise::Process follow_on(const std::string& begin, const std::string& ops_listen);
  [[nodiscard]] std::filesystem::path log() const { return folder_ / "log"; }

 private:
  [[nodiscard]] supervise::Command next(const std::string& begin);

  std::string page_;
  std::string text_;
  std::vector<Example> examples_;
  std::size_t followed_ = 0;
  std::filesystem::path folder_;
  std::map<std::string, std::string> environment_;
};

/// Whether a shipped alarm's expression, of the form max(METRIC{…}) > LIMIT, holds of a component's metrics. `limit`: in place of the
/// alarm's own, where a test cannot reach that one.
[[nodiscard]] bool rings(const std::string& alarm, const std::string& metrics, std::optional<double> limit = {});

}  // namespace weir::testing
