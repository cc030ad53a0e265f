// Where the broker decides for the group, it also holds two settings of the group: after how long a silent member is dead, and how often a
// member sends a heartbeat.
#include "common/group/group_source.hpp"
#include "common/kafka/admin.hpp"

namespace weir::group {

namespace {

// The ratio of the broker's defaults (5 s of 45 s), so that a session of 45 s needs no change of a group with these defaults.
constexpr int kHeartbeatsASession = 9;

}  // namespace

Result<void> configure_group(const kafka::Settings& settings, const GroupOptions& options) {
  if (options.protocol == GroupProtocol::kClassic) return {};
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  const auto settled = admin->set_group_configuration(
      options.group, {{"consumer.session.timeout.ms", std::to_string(options.session_timeout.count())},
                      {"consumer.heartbeat.interval.ms", std::to_string((options.session_timeout / kHeartbeatsASession).count())}});
  if (settled || settled.error().kind != FaultKind::kConfiguration) return settled;
  Fault fault = settled.error();
  fault.hint =
      "lower the broker's group.consumer.min.session.timeout.ms and group.consumer.min.heartbeat.interval.ms, or set session_timeout to "
      "45s, or group_protocol to classic";
  return fail(std::move(fault));
}

}  // namespace weir::group
