// Users of the simulated application who take assessments: they submit, correct, withdraw, delete, come late and break rules. Their
// answers stay here, because the database has them encrypted only: the verification computes the scores from these answers, and weir from
// the answers that it decrypts.
#pragma once

#include "common/encryption/key_ring.hpp"
#include "demo/application/random.hpp"
#include "demo/application/world.hpp"
#include "demo/clients/given_answers.hpp"
#include "demo/clients/sql_session.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::demo {

class Respondents {
 public:
  /// The world and the ring must outlive this object.
  Respondents(SqlSession session, encryption::KeyRing& ring, const World& world, std::uint64_t seed)
      : session_(std::move(session)), ring_(ring), world_(world), random_(seed) {}

  /// Looks at what may be answered; some users share a project and consent to be compared.
  Result<void> gather(Instant now);
  /// Lets a respondent do something.
  Result<void> act(Instant now);

  /// The responses as their users left them.
  [[nodiscard]] const std::vector<GivenResponse>& responses() const { return responses_; }
  /// How many submissions are refused.
  [[nodiscard]] std::int64_t refused() const { return refused_; }

 private:
  struct Item {
    std::string code;
    std::int64_t lowest = 1;
    std::int64_t highest = 5;
  };
  struct Assessment {
    Uuid id;
    std::int64_t version = 1;
    std::vector<Item> items;
  };
  [[nodiscard]] GivenAnswers answers_of(const Assessment& assessment);
  [[nodiscard]] static std::string plaintext_of(const Assessment& assessment, const GivenAnswers& answers);
  [[nodiscard]] Result<std::string> encrypted(const GivenResponse& response);
  [[nodiscard]] const Assessment& assessment_of(const GivenResponse& response) const;
  /// A response that is neither withdrawn nor deleted; null: there is none.
  [[nodiscard]] GivenResponse* any_standing();
  Result<void> submit(Instant now);
  Result<void> correct(GivenResponse& response, Instant now);
  Result<void> withdraw(GivenResponse& response);
  Result<void> remove(GivenResponse& response);

  SqlSession session_;
  encryption::KeyRing& ring_;
  const World& world_;
  Random random_;
  std::vector<Assessment> assessments_;
  std::vector<GivenResponse> responses_;
  std::int64_t refused_ = 0;
};

}  // namespace weir::demo
