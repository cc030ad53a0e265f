#include "operations/commands/commands.hpp"

namespace weir::operations {

std::vector<cli::Command> commands(std::span<const process::Component> components) {
  return {migrate_up_command(),
          migrate_down_command(),
          migrate_status_command(),
          topics_apply_command(),
          topics_diff_command(),
          check_command(components),
          config_command(components),
          status_command(),
          lag_command(),
          offsets_show_command(),
          offsets_accept_gap_command(),
          offsets_reset_command(components),
          dlq_list_command(),
          dlq_show_command(),
          dlq_redrive_command(),
          dlq_discard_command(),
          offsets_accept_deaths_command(),
          export_rollups_command(),
          groups_pause_command(),
          groups_resume_command(),
          support_bundle_command(),
          tail_command(),
          verify_command(components),
          trace_command(components)};
}

}  // namespace weir::operations
