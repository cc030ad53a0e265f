#include "demo/receivers/script.hpp"

#include <array>

namespace weir::demo {
namespace {

/// Of every `of` calls of a provider the one at place `at`.
struct Line {
  Provider provider;
  std::uint64_t of;
  std::uint64_t at;
  Behaviour behaviour;
};

// Failures are rare enough that hardly any message meets four of them, after which it would be given up.
constexpr std::array<Line, 8> kLines{{
    {Provider::kPusher, 48, 12, {429, Seconds{1}}},
    {Provider::kPusher, 48, 24, {500}},
    {Provider::kPusher, 48, 36, {429}},
    {Provider::kPusher, 48, 0, {0}},
    {Provider::kWebhook, 24, 6, {429, Seconds{1}}},
    {Provider::kWebhook, 24, 12, {500}},
    {Provider::kWebhook, 24, 0, {0}},
    {Provider::kSmtp, 20, 4, {451}},
}};

// One provider of mail is out for a while, so that the next has to take over.
constexpr Provider kOut = Provider::kSendgrid;
constexpr std::uint64_t kCallsBeforeOutage = 2;
constexpr Seconds kOutage{12};
constexpr Behaviour kOutBehaviour{503, {}};

int status_of_success(Provider provider) {
  if (provider == Provider::kSendgrid) return 202;
  return provider == Provider::kSmtp ? 250 : 200;
}

}  // namespace

std::string_view name_of(Provider provider) {
  switch (provider) {
    case Provider::kPusher:
      return "pusher";
    case Provider::kSendgrid:
      return "sendgrid";
    case Provider::kSmtp:
      return "smtp";
    case Provider::kWebhook:
      return "webhook";
  }
  return {};
}

bool Script::is_out(SteadyInstant now) {
  if (provider_ != kOut || calls_ <= kCallsBeforeOutage) return false;
  if (!out_since_) out_since_ = now;
  return now < *out_since_ + kOutage;
}

Behaviour Script::next(SteadyInstant now) {
  ++calls_;
  if (is_out(now)) return kOutBehaviour;
  for (const Line& line : kLines) {
    if (line.provider == provider_ && calls_ % line.of == line.at) return line.behaviour;
  }
  return {status_of_success(provider_), {}};
}

}  // namespace weir::demo
