// Users of the simulated application who learn: they complete activities, correct and take back what they completed, move to other time
// zones, while authors change modules, activities and achievements. The zones stay here as the users had them, for the verification.
#pragma once

#include "demo/application/random.hpp"
#include "demo/application/world.hpp"
#include "demo/clients/given_zones.hpp"
#include "demo/clients/sql_session.hpp"

#include <cstdint>
#include <vector>

namespace weir::demo {

class Learners {
 public:
  /// The world must outlive this object.
  Learners(SqlSession session, const World& world, std::uint64_t seed) : session_(std::move(session)), world_(world), random_(seed) {}

  /// Each organization gets modules with activities, and achievements; some users live in other time zones. To be called before the
  /// changes of users are captured, so that these zones are the first that weir sees.
  Result<void> gather();
  /// Lets a learner or an author do something. To be called while changes are captured.
  Result<void> act(Instant now);

  /// The zones as users had them.
  [[nodiscard]] const std::vector<GivenZone>& zones() const { return zones_; }
  /// How often activities were completed.
  [[nodiscard]] std::size_t completions() const { return completions_; }

 private:
  struct Course {
    std::vector<Uuid> modules;
    std::vector<Uuid> activities;
  };
  struct Completion {
    Uuid id;
    std::size_t organization = 0;
  };
  /// Adds a module at a place of the course, with the modules that it requires.
  void make_module(pqxx::transaction_base& transaction, const Organization& organization, Course& course,
                   std::vector<std::size_t> prerequisites);
  void make_achievements(pqxx::transaction_base& transaction, const Organization& organization);
  [[nodiscard]] const Uuid& any_user(const Organization& organization);
  /// Null where the activity has no mark.
  [[nodiscard]] Parameter any_score();
  Result<void> complete(Instant now);
  Result<void> correct(const Completion& completion);
  Result<void> take_back(std::size_t number);
  Result<void> move(Instant now);
  Result<void> teach_otherwise(Instant now);

  SqlSession session_;
  const World& world_;
  Random random_;
  std::vector<Course> courses_;  // one an organization
  std::vector<Completion> done_;
  std::vector<GivenZone> zones_;
  std::size_t completions_ = 0;
};

}  // namespace weir::demo
