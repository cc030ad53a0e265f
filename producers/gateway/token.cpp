// Nothing of the claims is read before the signature is verified.
#include "producers/gateway/token.hpp"

#include "common/core/base64.hpp"
#include "common/core/text.hpp"
#include "common/events/strict_json.hpp"

#include <simdjson.h>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace weir::gateway {

namespace {

namespace dom = simdjson::dom;

constexpr std::int64_t kLatestSecond = 253'402'300'799;  // 9999-12-31T23:59:59Z

tl::unexpected<TokenRefusal> refuse(std::string why) { return tl::unexpected(TokenRefusal{.why = std::move(why), .unknown_key = false}); }

struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view covered;  // by the signature
};

std::optional<Parts> split(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1), token.substr(0, second)};
}

/// A part of the token that must be one JSON object with every name once.
class Part {
 public:
  /// Why it is not; none: it was read.
  std::optional<std::string> read(std::string_view encoded) {
    const auto text = base64url_decoded(encoded);
    if (!text) return "is not base64url without padding and loose bits";
    if (parser_.parse(*text).get_object().get(object_) != simdjson::SUCCESS) return "is not a JSON object";
    events::StrictJson strict;
    std::string_view data;
    if (const auto fault = strict.check(*text, data)) return "cannot be read with certainty: " + fault->message;
    return std::nullopt;
  }
  [[nodiscard]] bool has(std::string_view name) const { return object_.at_key(name).error() == simdjson::SUCCESS; }
  /// "" where it is absent, or no string.
  [[nodiscard]] std::string_view text(std::string_view name) const {
    std::string_view out;
    return object_.at_key(name).get_string().get(out) == simdjson::SUCCESS ? out : std::string_view{};
  }
  [[nodiscard]] bool is_true(std::string_view name) const {
    bool out = false;
    return object_.at_key(name).get_bool().get(out) == simdjson::SUCCESS && out;
  }
  /// None where it is absent, no whole number, or no second of the years 1970 to 9999.
  [[nodiscard]] std::optional<Instant> second(std::string_view name) const {
    dom::element element;
    if (object_.at_key(name).get(element) != simdjson::SUCCESS || element.type() == dom::element_type::DOUBLE) return std::nullopt;
    std::int64_t seconds = 0;
    if (element.get_int64().get(seconds) != simdjson::SUCCESS || seconds < 0 || seconds > kLatestSecond) return std::nullopt;
    return Instant{Seconds{seconds}};
  }
  /// Whether it is `wanted`, or an array of strings alone that holds it.
  [[nodiscard]] bool holds(std::string_view name, std::string_view wanted) const {
    dom::array array;
    if (object_.at_key(name).get_array().get(array) != simdjson::SUCCESS) return text(name) == wanted;
    bool found = false;
    for (const auto element : array) {
      std::string_view one;
      if (element.get_string().get(one) != simdjson::SUCCESS) return false;
      found = found || one == wanted;
    }
    return found;
  }

 private:
  dom::parser parser_;
  dom::object object_;
};

std::optional<std::string> header_refusal(const Part& header) {
  if (header.has("crit")) return "The token's header has \"crit\": extensions that must be understood are not.";
  if (header.has("b64") && !header.is_true("b64")) return "The token's header has \"b64\" other than true.";
  const std::string type = lower(header.text("typ"));
  if (header.has("typ") && type != "jwt" && type != "at+jwt") return "The token's \"typ\" is neither JWT nor at+jwt.";
  if (header.text("kid").empty()) return "The token's header names no key: \"kid\" is missing.";
  return std::nullopt;
}

std::optional<std::string> time_refusal(const Part& claims, const TokenRules& rules, Instant now) {
  const auto expires = claims.second("exp");
  if (!expires) return "The token has no \"exp\" that is a whole number of seconds since 1970.";
  if (*expires + rules.leeway <= now) return "The token expired at " + format_instant(*expires) + ".";
  if (!claims.has("nbf")) return std::nullopt;
  const auto begins = claims.second("nbf");
  if (!begins) return "The token's \"nbf\" is not a whole number of seconds since 1970.";
  if (*begins > now + rules.leeway) return "The token is valid from " + format_instant(*begins) + " on.";
  return std::nullopt;
}

tl::expected<Identity, TokenRefusal> identity_of(const Part& claims, const TokenRules& rules, Instant now) {
  if (auto why = time_refusal(claims, rules, now)) return refuse(std::move(*why));
  if (claims.text("iss") != rules.issuer) return refuse("The token comes from another issuer (\"iss\") than this gateway trusts.");
  if (!claims.holds("aud", rules.audience)) return refuse("The token is meant for another audience (\"aud\").");
  const auto user = Uuid::parse(claims.text("sub"));
  if (!user) return refuse("The token's \"sub\" is not the uuid of a user.");
  const auto organization = Uuid::parse(claims.text(rules.organization_claim));
  if (!organization) return refuse(fmt::format("The token's \"{}\" is not the uuid of an organization.", rules.organization_claim));
  return Identity{OrganizationId{*organization}, UserId{*user}, std::string(claims.text(rules.role_claim)), *claims.second("exp")};
}

}  // namespace

tl::expected<Identity, TokenRefusal> verify_token(std::string_view token, const TokenKeys& keys, const TokenRules& rules, Instant now) {
  if (token.size() > kMaxTokenBytes) return refuse(fmt::format("The token is longer than {} bytes.", kMaxTokenBytes));
  const auto parts = split(token);
  if (!parts) return refuse("The token does not have three parts.");
  Part header;
  if (const auto why = header.read(parts->header)) return refuse("The token's header " + *why + ".");
  if (auto why = header_refusal(header)) return refuse(std::move(*why));
  const auto key = keys.find(header.text("kid"));
  if (key == keys.end()) return tl::unexpected(TokenRefusal{.why = "The token's key (\"kid\") is not known.", .unknown_key = true});
  if (header.text("alg") != name_of(key->second.algorithm)) return refuse("The token's \"alg\" is not the algorithm of its key.");
  const auto signature = base64url_decoded(parts->signature);
  if (!signature || !key->second.verifies(parts->covered, *signature)) return refuse("The token's signature is wrong.");
  Part claims;
  if (const auto why = claims.read(parts->claims)) return refuse("The token's claims part " + *why + ".");
  return identity_of(claims, rules, now);
}

}  // namespace weir::gateway
