// What an operator does by the page: a dry run says what would be done and leaves a plan; the plan, confirmed with a reason, is done by the
// same code as the commands, and kept with the operator's name in weir.operator_actions.
#pragma once

#include "common/kafka/client.hpp"
#include "operations/console/parameters.hpp"
#include "operations/console/plans.hpp"
#include "operations/console/questions.hpp"
#include "operations/console/sessions.hpp"

namespace weir::console {

/// Thread-safe. It must outlive the questions that it gives.
class ActionsApi {
 public:
  ActionsApi(kafka::Settings kafka, const Clock& clock) : kafka_(std::move(kafka)), plans_(clock) {}

  /// Fault kUsage: the body names no action that there is, or lacks what it needs.
  [[nodiscard]] Result<Questions::Question> plan(const Session& session, const Parameters& body);
  [[nodiscard]] Result<Questions::Question> confirm(const Session& session, const Parameters& body);

 private:
  [[nodiscard]] Result<Questions::Question> plan_letters(const std::string& session, const Parameters& body, bool is_redrive);
  [[nodiscard]] Result<Questions::Question> plan_place(const std::string& session, const Parameters& body, bool is_pause);
  [[nodiscard]] Result<Questions::Question> plan_letter(const std::string& session, const Parameters& body);
  [[nodiscard]] Result<Questions::Question> plan_record(const std::string& session, const Parameters& body);

  kafka::Settings kafka_;
  Plans plans_;
};

}  // namespace weir::console
