// Firebase Cloud Messaging by its HTTP v1 API.
//
//   POST /v1/projects/PROJECT/messages:send
//        {"message": {"token", "notification": {"title", "body"}, "data": {"id", "template"}, "android": {"collapse_key"},
//                     "apns": {"headers": {"apns-collapse-id"}}}}
//
// The message's id is its collapse key, so that a device shows a repetition in the place of the first. A token of OAuth 2 goes with each
// call, for which the account's key signs.
#pragma once

#include "consumers/notifications/providers/provider_row.hpp"

namespace weir::notifications {

/// UNREGISTERED and SENDER_ID_MISMATCH say that the device's token is none of this project any more.
[[nodiscard]] ProviderRow fcm_row();

}  // namespace weir::notifications
