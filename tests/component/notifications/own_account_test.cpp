// An organization's own account at a provider.
#include "common/encryption/key_ring.hpp"
#include "common/local/scratch.hpp"
#include "tests/component/notifications/queue_site.hpp"

#include <filesystem>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::notifications;

namespace {

/// Organizations 1 and 2 have messages; the first has an account of its own.
struct OwnAccount {
  OwnAccount() {
    const auto folder = testing::scratch() / site.dsn.substr(site.dsn.rfind('=') + 1);
    std::filesystem::create_directories(folder);
    must(encryption::make_master_key(folder / "master.key"));
    auto made = std::make_shared<encryption::MasterKeys>();
    made->current = must(encryption::master_key_of_file(folder / "master.key"));
    masters = std::move(made);
    const Uuid organization = *Uuid::parse(site.value("SELECT pg_temp.an_id(1)"));
    const Uuid row = Uuid::random();
    account = "pusher:" + organization.text();
    encryption::KeyRing keys(site.owner, *masters);
    const std::string secret = must(keys.encrypt(
        {organization, std::nullopt}, {"public.notification_channels", "secret_encrypted", row.text()}, R"({"secret": "its own"})"));
    must(site.owner.execute("own_account", R"(
      INSERT INTO public.notification_channels (id, organization_id, channel, providers, settings, secret_encrypted)
      VALUES ($1, $2, 'pusher', '{pusher}', '{"app_id": "7", "key": "itskey"}', $3))",
                            postgres::Params{}.add(row).add(organization).add_bytes(secret)));
    site.add({.organization = 1, .count = 3, .account = account});
    site.add({.organization = 2, .count = 3});
  }
  /// How many of the messages that are claimed go over its own account.
  static std::size_t own(const Claimed& claimed, const std::string& account) {
    std::size_t count = 0;
    for (const Job& job : claimed.jobs) count += job.account == account ? 1 : 0;
    return count;
  }

  QueueSite site;
  std::shared_ptr<const encryption::MasterKeys> masters;
  std::string account;
};

}  // namespace

TEST_CASE("an organization's own account carries its messages, by its own key and secret, and no other organization's") {
  OwnAccount scene;
  Worker worker(scene.site, {}, scene.masters);
  const Claimed claimed = worker.claim(10);
  REQUIRE(claimed.jobs.size() == 6);
  for (const Job& job : claimed.jobs) {
    const auto& message = dynamic_cast<const Outgoing&>(*job.message);
    const bool is_its_own = message.organization.text() == scene.account.substr(scene.account.find(':') + 1);
    CHECK(job.account == (is_its_own ? scene.account : "pusher:default"));
    REQUIRE(message.account != nullptr);
    CHECK(message.account->name == job.account);
    CHECK(message.account->value("secret") == (is_its_own ? "its own" : ""));
    CHECK(message.account->value("app_id") == (is_its_own ? "7" : ""));
  }
}

TEST_CASE("a pause of an organization's own account holds up no other organization, and none of the platform's holds it up") {
  for (const bool is_own : {true, false}) {
    CAPTURE(is_own);
    OwnAccount scene;
    Worker worker(scene.site, {}, scene.masters);
    Claimed claimed = worker.claim(10);
    REQUIRE(claimed.jobs.size() == 6);
    std::vector<Report> reports;
    for (Job& job : claimed.jobs) {
      const bool rests = (job.account == scene.account) == is_own;
      reports.push_back(rests ? Worker::report_of(std::move(job), delivery::Paused{"answered 429", 30s}, 30s, false)
                              : Worker::report_of(std::move(job), delivery::Accepted{"p", nullptr}));
    }
    worker.report(std::move(reports));
    scene.site.add({.organization = 1, .count = 2, .account = scene.account});
    scene.site.add({.organization = 2, .count = 2});
    Worker other(scene.site, {}, scene.masters);
    const Claimed meanwhile = other.claim(10);
    CHECK(meanwhile.jobs.size() == 2);
    CHECK(OwnAccount::own(meanwhile, scene.account) == (is_own ? 0 : 2));
    CHECK(Worker(scene.site, 31s, scene.masters).claim(10).jobs.size() == 5);
  }
}

TEST_CASE("messages of an own account that cannot be opened wait, and go over no other account") {
  OwnAccount scene;
  Worker worker(scene.site);  // without the master key
  const Claimed claimed = worker.claim(10);
  CHECK(claimed.jobs.size() == 3);
  CHECK(OwnAccount::own(claimed, scene.account) == 0);
  CHECK(scene.site.statuses() == "queued 3, sending 3");
}
