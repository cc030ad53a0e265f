// Tokens of links by which addresses are confirmed.
#include "common/events/confirmation_token.hpp"

#include "common/events/unsubscribe_token.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace events = weir::events;
using events::confirmation_token;
using events::read_confirmation_token;
using weir::Uuid;

namespace {

const std::vector<std::string> kKeys{std::string(32, 'k')};
const events::Confirmation kOne{weir::OrganizationId{*Uuid::parse("11111111-2222-4333-8444-555555555555")},
                                *Uuid::parse("99999999-2222-4333-8444-555555555555"), 258, *weir::parse_instant("2026-12-05T12:00:00Z")};

}  // namespace

TEST_CASE("a token says which address it is for, in letters that a URL may hold") {
  const std::string token = confirmation_token(kKeys[0], kOne);
  CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos);
  CHECK(read_confirmation_token(kKeys, token) == kOne);
}

TEST_CASE("a token that another key made, or that was changed or cut, confirms nothing") {
  const std::string token = confirmation_token(kKeys[0], kOne);
  CHECK_FALSE(read_confirmation_token(std::vector<std::string>{std::string(32, 'x')}, token).has_value());
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK_FALSE(read_confirmation_token(kKeys, changed).has_value());
    CHECK_FALSE(read_confirmation_token(kKeys, token.substr(0, at)).has_value());
  }
  CHECK_FALSE(read_confirmation_token(kKeys, std::string(2'000, 'A')).has_value());
}

TEST_CASE("a former key's tokens are still read") {
  const std::vector<std::string> changed{std::string(32, 'n'), kKeys[0]};
  CHECK(read_confirmation_token(changed, confirmation_token(kKeys[0], kOne)) == kOne);
}

TEST_CASE("a link that unsubscribes confirms no address, though one key makes both") {
  // 48 bytes, as a confirmation has them: organization, user, a size, channel and group.
  const std::string token = events::unsubscribe_token(kKeys[0], {kOne.organization, weir::UserId{kOne.destination}, "email", "0123456789"});
  REQUIRE(token.size() == confirmation_token(kKeys[0], kOne).size());
  CHECK_FALSE(read_confirmation_token(kKeys, token).has_value());
  CHECK_FALSE(events::read_unsubscribe_token(kKeys, confirmation_token(kKeys[0], kOne)).has_value());
}
