// A new webhook endpoint proves that it expects messages before it gets any: it is asked to repeat a word.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::notifications {

enum class Channel : std::uint8_t;  // channel.hpp
struct Occurrence;                  // plan.hpp
struct PlannedMessage;              // likewise

/// The template of the message, which has no row: its body is {"challenge": "…"}. The message is accepted once the endpoint's answer
/// repeats the word, and then its destination is verified.
inline constexpr std::string_view kChallengeTemplate = "destination.challenge";

/// The destination of this channel that a change leaves neither verified nor disabled; none for any other event.
[[nodiscard]] std::optional<Uuid> unproven_destination(const Occurrence& event, Channel channel);
/// The message that asks a destination for its proof, at once. Whose it is and how long it waits is still to be said.
[[nodiscard]] PlannedMessage ask_for_proof(const Occurrence& event, const Uuid& destination, Channel channel, std::string_view template_key,
                                           Instant now);
/// The message that asks an endpoint, of a change after which the endpoint is neither verified nor disabled; nothing for any other event.
[[nodiscard]] std::optional<PlannedMessage> plan_challenge(const Occurrence& event, Instant now);
/// The body of the message, with the word that the endpoint repeats.
[[nodiscard]] std::string challenge_body(const Uuid& word);

}  // namespace weir::notifications
