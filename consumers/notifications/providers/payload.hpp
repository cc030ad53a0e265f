// Rendered bodies as JSON objects: of channels whose receivers are programs. Pure.
#pragma once

#include "consumers/notifications/outgoing.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace weir::notifications {

/// Calls `member` with each name and JSON value of a text's object. False where the text is no JSON object, of which nothing is read then.
bool each_member(std::string_view json, const std::function<void(std::string_view name, std::string_view value)>& member);
/// A string, or a whole number, at a path of names, {"error", "status"} for example.
[[nodiscard]] std::optional<std::string> text_at(std::string_view json, std::initializer_list<std::string_view> path);

[[nodiscard]] std::optional<std::int64_t> number_at(std::string_view json, std::initializer_list<std::string_view> path);

/// The object that the body is, or {"subject": …, "body": …} where the template has plain text. With `id` the object has the member "id",
/// whatever the body had under that name.
[[nodiscard]] std::string payload_of(const Outgoing& message, const std::optional<Uuid>& id);

}  // namespace weir::notifications
