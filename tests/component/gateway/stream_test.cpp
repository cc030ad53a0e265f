// Live streams over a real Postgres: nothing is omitted, nothing is another user's, and a stream lives as long as its token.
#include "tests/component/gateway/stream_site.hpp"

#include <algorithm>
#include <fstream>
#include <random>
#include <set>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr int kMessages = 10'000;
constexpr int kWriters = 8;
constexpr int kOfTransaction = 50;

std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":\"") + name.size() + 4;
  return json.substr(at, json.find('"', at) - at);
}

/// Reads one user's stream, cut and resumed at random, until it was told all of the user's messages.
class Reader {
 public:
  Reader(StreamSite& site, std::string user, unsigned seed) : site_(site), user_(std::move(user)), random_(seed) {}

  void run(const std::atomic<bool>& written) {
    const std::string token = site_.token(user_);
    std::string last;
    for (const Deadline deadline(Milliseconds{90'000}); !(written && is_complete()) && !deadline.over();) {
      StreamClient client(site_.port(), token, last);
      // A resumed stream begins 60 seconds earlier, with what was seen already: a client that is always cut within that gets no further.
      for (auto left = 1 + random_() % 1'500; left > 0; --left) {
        const auto event = client.next(Milliseconds{500});
        if (!event) break;
        last = event->id;
        strangers_ += member(event->data, "body") == user_ ? 0 : 1;
        const std::lock_guard lock(mutex_);
        seen_.insert(member(event->data, "id"));
      }
    }
  }
  void expect(const std::string& id) {
    const std::lock_guard lock(mutex_);
    expected_.insert(id);
  }
  [[nodiscard]] bool is_complete() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::includes(seen_, expected_);
  }
  [[nodiscard]] bool has_only_expected() const {
    const std::lock_guard lock(mutex_);
    return strangers_ == 0 && std::ranges::includes(expected_, seen_);
  }
  [[nodiscard]] const std::string& user() const { return user_; }

 private:
  StreamSite& site_;
  std::string user_;
  std::mt19937 random_;
  mutable std::mutex mutex_;
  std::set<std::string> expected_;
  std::set<std::string> seen_;
  int strangers_ = 0;
};

/// Transactions that begin one after the other and are committed in any order.
void write_out_of_order(StreamSite& site, std::vector<std::unique_ptr<Reader>>& readers) {
  std::mt19937 random(7);
  std::vector<postgres::Connection> writers;
  for (int writer = 0; writer < kWriters; ++writer) writers.push_back(site.gateway().connect());
  for (int written = 0; written < kMessages; written += kWriters * kOfTransaction) {
    for (auto& writer : writers) {
      REQUIRE(writer.begin().has_value());
      for (int message = 0; message < kOfTransaction; ++message) {
        Reader& reader = *readers[random() % readers.size()];
        reader.expect(StreamSite::send(writer, {reader.user()}).front());
      }
    }
    std::ranges::shuffle(writers, random);
    for (auto& writer : writers) REQUIRE(writer.commit().has_value());
  }
}

std::int64_t resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
  }
  return 0;
}

}  // namespace

TEST_CASE("10,000 messages, committed out of order, over streams that are cut at random: each is seen by its user, and by nobody else") {
  StreamSite site;
  std::vector<std::unique_ptr<Reader>> readers;
  for (unsigned user = 0; user < 20; ++user) readers.push_back(std::make_unique<Reader>(site, site.user(), user));
  std::atomic<bool> written{false};
  std::vector<std::thread> threads;
  for (const auto& reader : readers) threads.emplace_back([&reader, &written] { reader->run(written); });
  write_out_of_order(site, readers);
  written = true;
  for (std::thread& thread : threads) thread.join();
  for (const auto& reader : readers) {
    CHECK(reader->is_complete());
    CHECK(reader->has_only_expected());
  }
}

TEST_CASE("a teacher's stream and feed hold no student's message, although row security shows those to the teacher") {
  StreamSite site;
  const std::string teacher = site.user("teacher");
  const std::string student = site.user();
  const auto made = site.writer().script(fmt::format(
      "INSERT INTO teacher_students (organization_id, teacher_id, student_id) VALUES ('{0}', '{1}', '{2}');"
      "INSERT INTO consents (organization_id, user_id, scope, granted_at) VALUES ('{0}', '{2}', 'notifications', now() - interval '1 day')",
      kTestOrganization, teacher, student));
  REQUIRE_MESSAGE(made.has_value(), made.error().line());
  site.send({student});
  const auto shown =
      site.writer().script(fmt::format("BEGIN; SET LOCAL ROLE authenticated; SET LOCAL request.jwt.claims = "
                                       "'{{\"sub\":\"{}\",\"organization_id\":\"{}\",\"user_role\":\"teacher\"}}';"
                                       "SELECT count(*) FROM notifications",
                                       teacher, kTestOrganization));
  REQUIRE_MESSAGE(shown.has_value(), shown.error().line());
  CHECK((*shown)[0].get<int>(0) == 1);
  REQUIRE(site.writer().script("ROLLBACK").has_value());

  const std::string token = site.token(teacher, "teacher");
  StreamClient stream = site.open(token);
  site.send({student, teacher});
  const auto event = stream.next(kSoon);
  REQUIRE(event.has_value());
  CHECK(member(event->data, "body") == teacher);
  CHECK_FALSE(stream.next(Milliseconds{300}).has_value());
  const std::string page = site.ask(token, "GET /v1/notifications");
  CHECK(contains(page, "{\"unread\":1,"));
  CHECK_FALSE(contains(page, student));
}

TEST_CASE("a stream that resumes after minutes gets what has changed since, in the order of the changes") {
  StreamSite site;
  const std::string user = site.user();
  const auto made = site.writer().script(fmt::format(R"(
    INSERT INTO public.notifications (organization_id, id, user_id, template_key, channel, status, body, updated_at, expires_at)
    SELECT '{}', gen_random_uuid(), '{}', 'a', 'pusher', 'sent', seconds::text, now() - seconds * interval '1 second', now()
      FROM unnest('{{200,5,300,100,400}}'::integer[]) seconds)",
                                                     kTestOrganization, user));
  REQUIRE_MESSAGE(made.has_value(), made.error().line());
  const Instant last = site.gateway().clock.now() - Seconds{250};
  StreamClient stream = site.open(site.token(user), fmt::format("{}-{}", unix_us(last), Uuid::random().text()));
  for (const char* seconds : {"300", "200", "100", "5"}) {
    const auto event = stream.next(kSoon);
    REQUIRE(event.has_value());
    CHECK(member(event->data, "body") == seconds);
  }
}

TEST_CASE("a stream ends when its token expires") {
  StreamSite site;
  const std::string user = site.user();
  StreamClient brief = site.open(site.token(user, "student", Seconds{2'000}));
  StreamClient longer = site.open(site.token(user, "student", Seconds{20'000}));
  site.gateway().clock.advance(Seconds{1'900});  // what is left is for the test's own time
  site.send({user});
  CHECK(brief.next(kSoon).has_value());
  site.gateway().clock.advance(Seconds{101});
  CHECK(brief.ends(kSoon));
  CHECK(longer.next(kSoon).has_value());
  site.send({user});
  CHECK(longer.next(kSoon).has_value());
  CHECK(site.gateway().metrics.text().find("weir_gateway_streams_ended_total{reason=\"expired\"} 1") != std::string::npos);
}

TEST_CASE("keys are rotated under open streams: both hold for a while, then the old one opens no stream, and those that are open go on") {
  StreamSite site;
  const std::string user = site.user();
  StreamClient old_stream = site.open(site.token(user));
  const SigningKey next("second", gateway::TokenAlgorithm::kEs256);
  site.file().write(key_set({site.key().jwk(), next.jwk()}));
  StreamClient new_stream = site.open(site.token_by(next, user));
  CHECK(status_of(site.ask(site.token(user), "GET /v1/notifications")) == 200);
  site.file().write(key_set({next.jwk()}));
  CHECK(await(kSoon, [&] { return status_of(site.ask(site.token(user), "GET /v1/notifications")) == 401; }));
  CHECK(status_of(site.ask(site.token_by(next, user), "GET /v1/notifications")) == 200);
  site.send({user});
  CHECK(old_stream.next(kSoon).has_value());
  CHECK(new_stream.next(kSoon).has_value());
}

TEST_CASE("1,000 open streams take less than 100 MB, and each is told its message") {
  StreamSite site(Flags{{"gateway.max_connections", "1100"}, {"gateway.max_streams", "1000"}});
  std::vector<std::string> users;
  for (int user = 0; user < 100; ++user) users.push_back(site.user());
  const std::int64_t before = resident_kib();
  std::vector<StreamClient> streams;
  for (int stream = 0; stream < 1'000; ++stream) {
    streams.push_back(site.open(site.token(users[static_cast<std::size_t>(stream) % users.size()])));
  }
  site.send(users);
  int told = 0;
  for (StreamClient& stream : streams) told += stream.next(kSoon) ? 1 : 0;
  const std::int64_t after = resident_kib();
  CHECK(told == 1'000);
  MESSAGE("1,000 streams, server and clients together: " << (after - before) / 1'024 << " MiB more than none");
  CHECK(after - before < 100'000'000 / 1'024);
}

TEST_CASE("a gateway that stops ends its streams") {
  StreamSite site;
  StreamClient stream = site.open(site.token(site.user()));
  site.gateway().end();
  CHECK(stream.ends(kSoon));
  CHECK(site.gateway().result.has_value());
}

TEST_CASE("the listening session is made again when it breaks, and what was said meanwhile is read") {
  StreamSite site;
  const std::string user = site.user();
  StreamClient stream = site.open(site.token(user));
  site.send({user});
  CHECK(stream.next(kSoon).has_value());
  // Now and then the session that listens is asked whether it lives.
  const auto ended = site.writer().script(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weir gateway' AND datname = current_database() AND "
      "query IN ('LISTEN weir_feed', 'SELECT 1')");
  REQUIRE(ended.has_value());
  CHECK(ended->size() == 1);
  site.send({user});
  CHECK(stream.next(kSoon).has_value());
}
