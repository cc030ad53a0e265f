// Calls of models over libcurl to the local servers, one at a time.
#pragma once

#include "demo/receivers/model_servers.hpp"
#include "tests/unit/insights/providers/calls.hpp"

#include <memory>
#include <string>

namespace weir::testing {

/// A provider's account at the servers, whose key they know.
[[nodiscard]] ModelAccount account_at(const demo::ModelServers& servers, const std::string& provider);

struct Called {
  OneCall call;
  delivery::Verdict verdict;
  /// "accepted", "postponed", …, as the world's name of it.
  [[nodiscard]] std::string name() const { return std::string(delivery::verdict_name(verdict)); }
  [[nodiscard]] std::string reason() const;
};
/// Carries a finding's call out, and judges how it ended.
[[nodiscard]] Called carry_out(const ModelAccount& account, const Finding& finding = next_module(), Milliseconds timeout = Seconds{10});

/// Runs the Python of the tests with arguments, and gives what it prints; an end by a fault fails the test.
[[nodiscard]] std::string run_python(const std::string& script, const std::string& arguments);
/// False where the Python of the tests was not made; then it is said, and the test is over.
[[nodiscard]] bool has_python();

}  // namespace weir::testing
