// What operators are about to do: each dry run leaves a plan, and only a plan can be confirmed, once, by the session that made it.
// Thread-safe.
#pragma once

#include "common/core/time.hpp"
#include "operations/commands/letters_store.hpp"
#include "operations/commands/pauses_store.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

namespace weir::console {

struct RedrivePlan {
  operations::LetterFilter filter;
  std::int64_t rate = 0;
  operations::LetterSum letters;  // of the dry run: others are not touched
};
struct DiscardPlan {
  operations::LetterFilter filter;
  operations::LetterSum letters;
};
struct PausePlan {
  operations::PausedPlace place;
};
struct ResumePlan {
  operations::PausedPlace place;
};
struct UnmaskLetterPlan {
  std::int64_t id = 0;
};
struct UnmaskRecordPlan {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

using Plan = std::variant<RedrivePlan, DiscardPlan, PausePlan, ResumePlan, UnmaskLetterPlan, UnmaskRecordPlan>;

/// As the page names it: "dlq.redrive".
[[nodiscard]] std::string_view action_of(const Plan& plan);

class Plans {
 public:
  explicit Plans(const Clock& clock) : clock_(clock) {}

  struct Kept {
    std::string id;
    Instant expires_at{};
  };
  [[nodiscard]] Kept keep(const std::string& session, Plan plan);
  /// The plan, which is gone then. None: there is none of that id, or it is over, or another session's.
  [[nodiscard]] std::optional<Plan> take(const std::string& session, const std::string& id);

 private:
  struct Waiting {
    std::string session;
    Plan plan;
    Instant expires_at{};
  };
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Waiting> waiting_;
};

}  // namespace weir::console
