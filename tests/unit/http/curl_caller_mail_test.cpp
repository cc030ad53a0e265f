// Mails by libcurl to a server on loopback that speaks SMTP as each test scripts it.
#include "tests/unit/http/calls.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <future>
#include <mutex>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::http;
using namespace weir::testing;
using Cause = NoAnswer::Cause;
using Receiver = NoAnswer::Receiver;

namespace {

/// The replies of a server, by the word that a line begins with; the mail itself is "MAIL BODY". "" closes the connection instead.
using Replies = std::map<std::string, std::string>;

struct MailServer {
  explicit MailServer(Replies changed = {}, bool has_tls = true)
      : replies{{"EHLO", "250-mail.test\r\n250-AUTH PLAIN\r\n250 STARTTLS"},
                {"STARTTLS", "220 go ahead"},
                {"AUTH", "235 welcome"},
                {"MAIL", "250 sender"},
                {"RCPT", "250 receiver"},
                {"DATA", "354 go ahead"},
                {"MAIL BODY", "250 2.0.0 queued as 7"},
                {"QUIT", "221 2.0.0 bye"}} {
    if (!has_tls) replies["EHLO"] = "250 mail.test";
    for (auto& [word, reply] : changed) replies[word] = reply;
    server = std::make_unique<TestServer>([this](Peer& peer) { talk(peer); }, &certificate, TestServer::Tls::kLater);
  }

  void talk(Peer& peer) {
    peer.send("220 mail.test ESMTP\r\n");
    for (std::string line = peer.line(); !line.empty(); line = peer.line()) {
      keep(line);
      const std::string word = line.substr(0, line.find(' '));
      if (!reply(peer, word)) return;
      if (word == "STARTTLS" && replies[word].starts_with("2") && !peer.start_tls()) return;
      if (word != "DATA" || !replies[word].starts_with("3")) continue;
      std::string mail;
      for (std::string each = peer.line(); each != "."; each = peer.line()) {
        mail += (each.starts_with("..") ? each.substr(1) : each) + "\n";
        if (mail.size() > 100'000) return;
      }
      keep(mail);
      if (!reply(peer, "MAIL BODY")) return;
    }
  }

  bool reply(Peer& peer, const std::string& word) {
    const std::string text = replies[word];
    if (text == "silence") peer.wait_closed();
    return !text.empty() && text != "silence" && peer.send(text + "\r\n");
  }
  void keep(const std::string& line) {
    const std::lock_guard lock(mutex);
    said.push_back(line);
  }
  [[nodiscard]] std::vector<std::string> lines() {
    const std::lock_guard lock(mutex);
    return said;
  }

  Authority authority;
  Authority::Certificate certificate = authority.certificate_for("good.test");
  Replies replies;
  std::mutex mutex;
  std::vector<std::string> said;
  std::unique_ptr<TestServer> server;
};

Call mail_to(const MailServer& server, Milliseconds timeout = 10s) {
  Call call;
  call.url = fmt::format("smtp://good.test:{}", server.server->port());
  call.envelope = Envelope{.from = "weir@example.org", .to = "ada@example.net", .user = "weir", .password = "secret"};
  call.body = "Subject: Done\r\n\r\n.hidden\r\nend\r\n";
  call.timeout = timeout;
  call.reach = Reach::kConfigured;
  return call;
}

Ending sent(MailServer& server, Milliseconds timeout = 10s) {
  Calls calls(std::vector<Network>{}, server.authority.file());
  return calls.end(mail_to(server, timeout));
}

}  // namespace

TEST_CASE("a mail goes out after TLS and login, and its answer is the server's last reply") {
  MailServer server;
  Calls calls(std::vector<Network>{}, server.authority.file());
  for (int i = 0; i < 2; ++i) {
    const Answer answer = answer_of(calls.end(mail_to(server)));
    CHECK(answer.status == 250);
    CHECK(answer.body == "250 2.0.0 queued as 7");
  }
  CHECK(server.server->connections() == 2);
  const std::vector<std::string> lines = server.lines();
  REQUIRE(lines.size() >= 8);
  CHECK(lines[0] == "EHLO example.org");
  CHECK(lines[1] == "STARTTLS");
  CHECK(lines[2] == "EHLO example.org");
  CHECK(lines[3].starts_with("AUTH PLAIN"));
  CHECK(lines[4].starts_with("MAIL FROM:<weir@example.org>"));
  CHECK(lines[5] == "RCPT TO:<ada@example.net>");
  CHECK(lines[7] == "Subject: Done\n\n.hidden\nend\n");
}

TEST_CASE("without TLS nothing is said, and the receiver is untouched") {
  MailServer without({}, false);
  const NoAnswer none = none_of(sent(without));
  CHECK(none.cause == Cause::kTls);
  CHECK(none.receiver == Receiver::kUntouched);
  for (const std::string& line : without.lines()) CHECK(line.starts_with("EHLO"));
  MailServer stranger;
  Calls calls(std::vector<Network>{});  // which does not know the authority
  const NoAnswer refused = none_of(calls.end(mail_to(stranger)));
  CHECK(refused.cause == Cause::kTls);
  CHECK(refused.receiver == Receiver::kUntouched);
}

TEST_CASE("a reply that refuses the login, the receiver or the mail is the answer") {
  struct Row {
    std::string word;
    std::string reply;
    int status;
  };
  for (const Row& row : std::vector<Row>{{"AUTH", "535 5.7.8 no such user", 535},
                                         {"MAIL", "451 4.7.1 later", 451},
                                         {"RCPT", "550 5.1.1 no such mailbox", 550},
                                         {"DATA", "554 5.6.0 no", 554},
                                         {"MAIL BODY", "552 5.3.4 too big", 552},
                                         {"MAIL BODY", "421 4.3.2 going down", 421}}) {
    CAPTURE(row.word);
    MailServer server(Replies{{row.word, row.reply}});
    const Answer answer = answer_of(sent(server));
    CHECK(answer.status == row.status);
    CHECK(answer.body == row.reply);
  }
}

TEST_CASE("a server that fails before the mail's end has sent nothing on; after it there is a doubt") {
  for (const char* word : {"EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"}) {
    CAPTURE(word);
    MailServer server(Replies{{word, ""}});
    CHECK(none_of(sent(server)).receiver == Receiver::kUntouched);
  }
  MailServer closing(Replies{{"MAIL BODY", ""}});
  CHECK(none_of(sent(closing)).receiver == Receiver::kInDoubt);
  MailServer silent(Replies{{"MAIL BODY", "silence"}});
  const NoAnswer none = none_of(sent(silent, 3s));  // in which a busy machine gets to the mail's end
  CHECK(none.receiver == Receiver::kInDoubt);
  CHECK(none.cause == Cause::kTimeout);
  MailServer slow(Replies{{"RCPT", "silence"}});
  CHECK(none_of(sent(slow, 500ms)).receiver == Receiver::kUntouched);
}

TEST_CASE("a server that has fallen silent does not hold up the end of its connection") {
  MailServer silent(Replies{{"MAIL BODY", "silence"}, {"QUIT", "silence"}});
  auto calls = std::make_unique<Calls>(std::vector<Network>{}, silent.authority.file());
  CHECK(none_of(calls->end(mail_to(silent, 500ms))).cause == Cause::kTimeout);
  MailServer rude(Replies{{"QUIT", "silence"}});
  auto others = std::make_unique<Calls>(std::vector<Network>{}, rude.authority.file());
  CHECK(answer_of(others->end(mail_to(rude))).status == 250);
  auto ended = std::async(std::launch::async, [&] {
    calls.reset();
    others.reset();
  });
  // libcurl waits two minutes for the answer to its goodbye.
  CHECK(ended.wait_for(20s) == std::future_status::ready);
}

TEST_CASE("a server that does not let weir in says nothing of the mail") {
  MailServer server(Replies{{"EHLO", "554 not you"}});
  const NoAnswer none = none_of(sent(server));
  CHECK(none.receiver == Receiver::kUntouched);
}

TEST_CASE("an address that would end its command is not sent") {
  MailServer server;
  Calls calls(std::vector<Network>{}, server.authority.file());
  for (const char* address :
       {"ada@example.net>\r\nDATA", "ada", "@example.net", "ada@", "ada @example.net", "<ada@example.net>", "ada@x/y"}) {
    Call call = mail_to(server);
    call.envelope->to = address;
    CHECK(none_of(calls.end(call)).cause == Cause::kRefused);
    call = mail_to(server);
    call.envelope->from = address;
    CHECK(none_of(calls.end(call)).cause == Cause::kRefused);
  }
  CHECK(server.server->connections() == 0);
}

TEST_CASE("a stranger's server for mails is one that everybody can reach") {
  MailServer server;
  Calls calls(std::vector<Network>{}, server.authority.file());
  Call call = mail_to(server);
  call.reach = Reach::kPublic;
  CHECK(none_of(calls.end(call)).cause == Cause::kRefused);
  CHECK(server.server->connections() == 0);
}
