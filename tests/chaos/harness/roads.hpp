// The three ways by which an event of a run comes in.
#pragma once

#include "common/kafka/client.hpp"
#include "tests/chaos/harness/generator.hpp"

#include <map>
#include <memory>
#include <string>

namespace weir::chaos {

/// Straight into a topic, by an idempotent producer that does not give up: one record an event, whatever happens to the broker.
[[nodiscard]] std::unique_ptr<Road> topic_road(const kafka::Settings& settings, const std::string& topic);

/// The event as the gateway takes it: a CloudEvent of type user.action, as JSON.
[[nodiscard]] std::string cloud_event(const NumberedEvent& event);

/// Through the gateway, in batches: acknowledged by 202. An event without an answer is posted again, so it may be in the topic twice.
/// `key`: an API key that may post user.action.
[[nodiscard]] std::unique_ptr<Road> gateway_road(int gateway_port, const std::string& key);

/// Rows of public.chaos_events, a transaction for each batch, acknowledged by COMMIT. A batch whose COMMIT is in doubt is tried again, and
/// is there once.
[[nodiscard]] std::unique_ptr<Road> postgres_road(const std::string& dsn);

}  // namespace weir::chaos
