// What the receivers of messages wrote down, read as it grows, and judged without weir's code.
#pragma once

#include "demo/clients/given_arrivals.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace weir::chaos {

struct LoggedArrival {
  std::string protocol;
  std::string message;
  std::string word;  // that told the receiver how to behave
  std::string fault;
  double at = 0;  // seconds
};

class ArrivalLog {
 public:
  explicit ArrivalLog(const std::filesystem::path& file) : file_(file) {}

  /// Takes what has come since the last time. Gives how many messages have come so far, each time that one came.
  std::size_t read();
  [[nodiscard]] const std::vector<LoggedArrival>& all() const { return arrivals_; }
  /// How often receivers behaved by each word.
  [[nodiscard]] std::map<std::string, std::int64_t> words() const;
  /// Messages that came again sooner than the answer before allows: 1 s after a failure, or what Retry-After says. A line each.
  [[nodiscard]] std::vector<std::string> early() const;
  [[nodiscard]] std::vector<demo::GivenArrival> given() const;

 private:
  std::ifstream file_;
  std::string part_;  // of a line that is being written
  std::vector<LoggedArrival> arrivals_;
};

}  // namespace weir::chaos
