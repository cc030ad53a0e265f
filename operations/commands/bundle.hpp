// The archive of weir support-bundle: named texts, and what is missing with its reason. Pure.
//
//   archive = gzip of tar; NAME/contents.json lists the parts, NAME/PART holds each
#pragma once

#include "common/core/fault.hpp"
#include "common/core/time.hpp"

#include <string>
#include <utility>
#include <vector>

namespace weir::operations {

class Bundle {
 public:
  /// `secrets` are taken out of every part.
  Bundle(Instant made_at, std::vector<std::string> secrets) : made_at_(made_at), secrets_(std::move(secrets)) {}

  void add(std::string part, const std::string& text);
  /// The part cannot be had.
  void lacks(std::string part, const Fault& fault);
  /// The part was not asked for.
  void leaves_out(std::string part, std::string why);

  [[nodiscard]] std::size_t parts() const { return parts_.size(); }
  /// In the order in which they were told.
  [[nodiscard]] const std::vector<std::pair<std::string, Fault>>& missing() const { return missing_; }
  /// "weir-support-20261128T090000Z"
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string contents() const;
  [[nodiscard]] std::string archive() const;

 private:
  Instant made_at_;
  std::vector<std::string> secrets_;
  std::vector<std::pair<std::string, std::string>> parts_;
  std::vector<std::pair<std::string, Fault>> missing_;
  std::vector<std::pair<std::string, std::string>> left_out_;
};

}  // namespace weir::operations
