// Units of work that Postgres refuses, a few attempts of each, at whichever statement.
#pragma once

#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/ground.hpp"
#include "tests/chaos/scenarios/inner_tape.hpp"

#include <array>
#include <optional>
#include <random>
#include <string_view>

namespace weir::chaos {

inline constexpr std::array<std::string_view, 6> kStates{"40001", "40P01", "55P03", "57014", "57P01", "53300"};

class Refusals {
 public:
  /// To be made on a ground whose events have all ended.
  Refusals(std::uint64_t seed, Ground& ground, Journal& journal);

  /// A new instance of the tape, which passes over failing statements where `swallow`.
  void start(bool swallow) { tape_.emplace(ground_, kLink, swallow); }
  void stop();
  /// Sends a few more events and waits until they are in the tape.
  void settle();
  /// Refuses this many times by that SQLSTATE: up to seven attempts of a unit of work, whose next attempt succeeds.
  void hit(const Report& report, std::string_view state, int times);
  /// Lets up to seven attempts fail at the consumer's own statement, which the consumer passes over in silence.
  void pass_over_one();
  /// Lets all attempts fail so. Gives how the instance ended.
  [[nodiscard]] Result<void> pass_over_until_given_up(const Report& report);

  [[nodiscard]] int most_attempts() const { return most_attempts_; }
  [[nodiscard]] int passed_over() const { return passed_over_; }

 private:
  static constexpr const char* kLink = "inner";
  void refuse_one_unit(std::string_view state, int attempts, const char* statement);
  [[nodiscard]] int some_attempts();
  [[nodiscard]] Proxy& link() { return ground_.postgres_link(kLink); }
  [[nodiscard]] std::int64_t position();
  void allow_more();
  void await_settled();

  std::mt19937_64 dice_;
  Ground& ground_;
  std::int64_t begin_;
  std::int64_t allowed_ = 0;
  Generator generator_;
  std::optional<InnerTape> tape_;
  int most_attempts_ = 0;
  int passed_over_ = 0;
};

}  // namespace weir::chaos
