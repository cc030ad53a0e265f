// Tokens of links that unsubscribe.
#include "common/events/unsubscribe_token.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace events = weir::events;
using events::read_unsubscribe_token;
using events::unsubscribe_token;
using weir::Uuid;

namespace {

const std::string kKey(32, 'k');
const std::vector<std::string> kKeys{kKey};
const events::Unsubscription kTask{weir::OrganizationId{*Uuid::parse("11111111-2222-4333-8444-555555555555")},
                                   weir::UserId{*Uuid::parse("99999999-2222-4333-8444-555555555555")}, "email", "task"};

}  // namespace

TEST_CASE("a token says who unsubscribes from what, in letters that a URL may hold") {
  const std::string token = unsubscribe_token(kKey, kTask);
  CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos);
  CHECK(read_unsubscribe_token(kKeys, token) == kTask);
  CHECK(unsubscribe_token(kKey, kTask) == token);
  auto all = kTask;
  all.template_group.clear();
  CHECK(read_unsubscribe_token(kKeys, unsubscribe_token(kKey, all)) == all);
}

TEST_CASE("a token that another key made, or that was changed or cut, is none") {
  const std::string token = unsubscribe_token(kKey, kTask);
  CHECK_FALSE(read_unsubscribe_token(std::vector<std::string>{std::string(32, 'x')}, token).has_value());
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK_FALSE(read_unsubscribe_token(kKeys, changed).has_value());
    CHECK_FALSE(read_unsubscribe_token(kKeys, token.substr(0, at)).has_value());
  }
  CHECK_FALSE(read_unsubscribe_token(kKeys, std::string(2'000, 'A')).has_value());
}

TEST_CASE("after a change of the key its predecessor's tokens are still read, and without keys none is") {
  const std::vector<std::string> changed{std::string(32, 'n'), kKey};
  CHECK(read_unsubscribe_token(changed, unsubscribe_token(kKey, kTask)) == kTask);
  CHECK(read_unsubscribe_token(changed, unsubscribe_token(changed[0], kTask)) == kTask);
  CHECK_FALSE(read_unsubscribe_token(std::vector<std::string>{changed[0]}, unsubscribe_token(kKey, kTask)).has_value());
  CHECK_FALSE(read_unsubscribe_token({}, unsubscribe_token("", kTask)).has_value());
}

TEST_CASE("where channel and group meet is part of what the token says") {
  auto moved = kTask;
  moved.channel = "emailt";
  moved.template_group = "ask";
  CHECK(unsubscribe_token(kKey, moved) != unsubscribe_token(kKey, kTask));
  CHECK(read_unsubscribe_token(kKeys, unsubscribe_token(kKey, moved)) == moved);
}
