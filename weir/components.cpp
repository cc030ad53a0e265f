#include "weir/components.hpp"

#include "consumers/rollups/component.hpp"
#include "operations/audit/component.hpp"
#include "producers/cdc/component.hpp"
#include "producers/gateway/component.hpp"

namespace weir {

std::vector<process::Component> components() {
  return {
      cdc::cdc_component(),
      gateway::gateway_component(),
      rollups::rollups_component(),
      audit::sealer_component(),
  };
}

}  // namespace weir
