// What an organization teaches, as rules see it: modules, what they stand on, and the activities in them. Only what counts is in it:
// modules that are published, and modules and activities that are not deleted. What is left out counts as if its row were gone.
#pragma once

#include "common/core/uuid.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace weir::scoring {

struct Activity {
  Uuid module;
  double difficulty = 1'200;  // the author's, on the Elo scale
  std::int64_t points = 0;    // for the first success
  bool required = true;       // the module is complete only with it
  friend bool operator==(const Activity&, const Activity&) = default;
};

struct Module {
  std::set<Uuid> prerequisites;  // modules of the same course
  std::set<Uuid> required;       // its activities that must be done
  friend bool operator==(const Module&, const Module&) = default;
};

class Course {
 public:
  void add_module(const Uuid& module);
  /// Left out unless both modules were added.
  void add_prerequisite(const Uuid& module, const Uuid& prerequisite);
  /// Left out unless its module was added.
  void add_activity(const Uuid& id, const Activity& activity);

  [[nodiscard]] const std::map<Uuid, Module>& modules() const { return modules_; }
  /// Null: no such activity counts.
  [[nodiscard]] const Activity* activity(const Uuid& id) const;

 private:
  std::map<Uuid, Module> modules_;
  std::map<Uuid, Activity> activities_;
};

}  // namespace weir::scoring
