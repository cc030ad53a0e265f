// The operator's commands: configuration, migrations, checks and views of a running system.
#pragma once

#include "common/cli/command.hpp"

#include <span>
#include <vector>

namespace weir::operations {

/// `components`: those of the program, whose lines make up the shipped configuration.
[[nodiscard]] cli::Command config_command(std::span<const process::Component> components);
/// `components`: whose groups may read again, by what they say of themselves.
[[nodiscard]] cli::Command offsets_reset_command(std::span<const process::Component> components);
[[nodiscard]] cli::Command migrate_up_command();
[[nodiscard]] cli::Command migrate_down_command();
[[nodiscard]] cli::Command migrate_status_command();
[[nodiscard]] cli::Command topics_apply_command();
[[nodiscard]] cli::Command topics_diff_command();
/// `components`: those of the program, whose limits are held against each other.
[[nodiscard]] cli::Command check_command(std::span<const process::Component> components);
[[nodiscard]] cli::Command status_command();
[[nodiscard]] cli::Command lag_command();
[[nodiscard]] cli::Command offsets_show_command();
[[nodiscard]] cli::Command offsets_accept_gap_command();
[[nodiscard]] cli::Command offsets_accept_deaths_command();
[[nodiscard]] cli::Command groups_pause_command();
[[nodiscard]] cli::Command groups_resume_command();
[[nodiscard]] cli::Command support_bundle_command();
[[nodiscard]] cli::Command tail_command();
/// `components`: those of the program, which compare their results with source rows.
[[nodiscard]] cli::Command verify_command(std::span<const process::Component> components);
/// `components`: those of the program, whose rules are asked again how a record ends.
[[nodiscard]] cli::Command trace_command(std::span<const process::Component> components);
[[nodiscard]] cli::Command export_rollups_command();
[[nodiscard]] cli::Command dlq_list_command();
[[nodiscard]] cli::Command dlq_show_command();
[[nodiscard]] cli::Command dlq_redrive_command();
[[nodiscard]] cli::Command dlq_discard_command();

/// Every command of this folder, for the program's list.
[[nodiscard]] std::vector<cli::Command> commands(std::span<const process::Component> components);

}  // namespace weir::operations
