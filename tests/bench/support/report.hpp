// What a bench says: its own figure, the floors that were measured beside it in the same run, and whatever else explains them. A table
// for a person; with --json one object a line, {"name", "value", "unit"}, the bench's own figure first, and nothing else on stdout.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::bench {

class Report {
 public:
  enum class Form : std::uint8_t { kTable, kJson };

  Report(std::string title, Form form) : title_(std::move(title)), form_(form) {}

  /// The bench's own figure, once: what it says is how fast. Unit: events/s, rows/s or messages/s; s where a time is what is asked for.
  void own(std::string name, double value, std::string unit);
  /// What the same machine gave in the same run to whoever does only this part. The name holds the word floor.
  void floor(std::string name, double value, std::string unit);
  void figure(std::string name, double value, std::string unit);
  /// A sentence for a person; not in the JSON.
  void note(std::string text) { notes_.push_back(std::move(text)); }
  /// A note on whether a goal is reached.
  void judge(const std::string& what, bool is_reached) { note((is_reached ? "reached: " : "NOT REACHED: ") + what); }

  [[nodiscard]] std::string text() const;
  /// text() to stdout.
  void print() const;

 private:
  struct Line {
    std::string name;
    double value;
    std::string unit;
  };
  void add_table(std::string& out) const;

  std::string title_;
  Form form_;
  bool has_own_ = false;
  std::vector<Line> lines_;
  std::vector<std::string> notes_;
};

}  // namespace weir::bench
