// Keys and URL of the links in mails.
#include "common/process/mail_links.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

const std::string kKey(32, 'k');
const std::string kFormer(32, 'f');

Result<process::MailLinks> links(std::map<std::string, std::string> flags) {
  config::Schema schema;
  schema.add(process::mail_link_fields());
  const auto configuration = config::load(schema, {.path = {}, .default_path = "", .environment = {}, .flags = std::move(flags)});
  REQUIRE(configuration.has_value());
  return process::mail_links(*configuration);
}

}  // namespace

TEST_CASE("by default no link is made and none is taken") {
  const auto none = links({});
  REQUIRE(none.has_value());
  CHECK(none->keys.empty());
  CHECK(none->url.empty());
}

TEST_CASE("the present key stands before the one before it, and the URL has no slash at its end") {
  const auto both = links({{"gateway.unsubscribe_key", kKey},
                           {"gateway.former_unsubscribe_key", kFormer},
                           {"gateway.public_url", "https://notify.example.org/weir/"}});
  REQUIRE(both.has_value());
  CHECK(both->keys == std::vector<std::string>{kKey, kFormer});
  CHECK(both->url == "https://notify.example.org/weir");
}

TEST_CASE("a key that is too short, a former key alone, and what is no URL are refused with the setting's name") {
  CHECK(links({{"gateway.unsubscribe_key", "short"}}).error().message.find("gateway.unsubscribe_key") != std::string::npos);
  CHECK_FALSE(links({{"gateway.unsubscribe_key", kKey}, {"gateway.former_unsubscribe_key", "short"}}).has_value());
  CHECK_FALSE(links({{"gateway.former_unsubscribe_key", kFormer}}).has_value());
  for (const char* url : {"notify.example.org", "https://", "javascript:alert(1)", "https://a.example/\"><b>", "https://a.example/x y"}) {
    CAPTURE(url);
    CHECK_FALSE(links({{"gateway.unsubscribe_key", kKey}, {"gateway.public_url", url}}).has_value());
  }
}
