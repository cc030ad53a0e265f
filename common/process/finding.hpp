// What `weir check` found of one thing: fine, worth a warning, or wrong, with what to do.
#pragma once

#include "common/core/result.hpp"

#include <string>
#include <vector>

namespace weir::process {

struct Finding {
  enum class State : std::uint8_t { kOk, kWarning, kFailed };
  std::string check;
  State state = State::kOk;
  std::string detail;
  std::string hint;
  FaultKind kind = FaultKind::kBug;  // of a failed one: decides the exit code
};
using Findings = std::vector<Finding>;

[[nodiscard]] inline Finding fine(std::string check, std::string detail) {
  return {std::move(check), Finding::State::kOk, std::move(detail), "", FaultKind::kBug};
}
[[nodiscard]] inline Finding warn(std::string check, std::string detail, std::string hint) {
  return {std::move(check), Finding::State::kWarning, std::move(detail), std::move(hint), FaultKind::kBug};
}
[[nodiscard]] inline Finding failed(std::string check, const Fault& fault) {
  return {std::move(check), Finding::State::kFailed, fault.message, std::string(fault.advice()), fault.kind};
}
[[nodiscard]] inline Finding failed(std::string check, FaultKind kind, std::string detail, std::string hint) {
  return {std::move(check), Finding::State::kFailed, std::move(detail), std::move(hint), kind};
}

}  // namespace weir::process
