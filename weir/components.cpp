#include "weir/components.hpp"

#include "consumers/insights/component.hpp"
#include "consumers/notifications/component.hpp"
#include "consumers/rollups/component.hpp"
#include "consumers/scoring/component.hpp"
#include "operations/audit/component.hpp"
#include "producers/cdc/component.hpp"
#include "producers/gateway/component.hpp"

namespace weir {

std::vector<process::Component> components() {
  return {
      cdc::cdc_component(),                      // a database's changes, to Kafka
      gateway::gateway_component(),              // events over HTTP, to Kafka
      rollups::rollups_component(),              // agents' metrics, users' engagement
      scoring::scoring_component(),              // assessments to scores
      notifications::notifications_component(),  // events to messages
      insights::insights_component(),            // patterns to words
      audit::sealer_component(),                 // chains of the audit log
  };
}

}  // namespace weir
