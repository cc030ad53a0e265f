#include "operations/console/service.hpp"

#include "common/core/digest.hpp"
#include "common/core/file_text.hpp"
#include "common/core/json.hpp"
#include "operations/console/answers.hpp"
#include "operations/console/letters_api.hpp"
#include "operations/console/looks.hpp"
#include "operations/console/notifications_api.hpp"
#include "operations/console/page_files.hpp"
#include "operations/console/series_api.hpp"

#include <algorithm>
#include <charconv>

namespace weir::console {

namespace {

constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kNotAllowed = 405;
constexpr int kTooMany = 429;
constexpr std::string_view kLetters = "/api/letters/";

/// No script, style, image or connection but the page's own, and no page around it.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

http::Response guarded(http::Response response) {
  const bool keeps =
      std::any_of(response.headers.begin(), response.headers.end(), [](const auto& h) { return h.first == "Cache-Control"; });
  if (!keeps) response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("X-Frame-Options", "DENY");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

http::Response not_found() { return refusal(kNotFound, "not_found", "There is nothing under this path."); }

http::Response too_many(std::string_view of, std::int64_t seconds) {
  http::Response response = refusal(kTooMany, std::string(of), "As many as may be are there; try again later.");
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

http::Response stream_answer(std::shared_ptr<http::StreamWriter> writer) {
  return {.status = 200,
          .content_type = "text/event-stream",
          .body = "retry: 1000\n\n",
          .headers = {{"X-Accel-Buffering", "no"}},
          .writer = std::move(writer)};
}

/// Every POST has an Origin, which says how the browser reached the page.
bool came_by_tls(const http::Request& request) { return request.header("origin").starts_with("https://"); }

/// Somebody follows a link to the page, which shows nothing by itself.
bool is_navigation(const http::Request& request) {
  return request.method == "GET" && request.header("sec-fetch-mode") == "navigate" && !request.path.starts_with("/api/");
}

std::optional<std::int64_t> letter_of(std::string_view path) {
  const std::string_view text = path.substr(kLetters.size());
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc{} && end == text.data() + text.size() && id >= 0 ? std::optional(id) : std::nullopt;
}

/// What answers a path under /api/ that is looked at.
Result<Questions::Question> question_of(const http::Request& request, const Parameters& parameters, Instant now) {
  const std::string& path = request.path;
  if (path == "/api/letters") return letters_question(parameters);
  if (path == "/api/letters/reasons") return reasons_question(parameters);
  if (path == "/api/actions") return done_question(parameters);
  if (path == "/api/alerts") return alerts_question(parameters);
  if (path == "/api/organizations") return organizations_question();
  if (path == "/api/notifications") return notifications_question();
  if (path == "/api/series") return series_question(WEIR_TRY(series_of(parameters, now)));
  if (path == "/api/series.csv") return series_csv_question(WEIR_TRY(series_of(parameters, now)));
  const auto id = path.starts_with(kLetters) ? letter_of(path) : std::nullopt;
  if (id) return letter_question(*id);
  return [](postgres::Connection&) -> Result<http::Response> { return not_found(); };
}

}  // namespace

Result<std::vector<Operator>> read_operators(const std::string& path) {
  const auto text = file_text(path);
  if (!text) return fail(FaultKind::kConfiguration, "console.tokens_file " + path + ": cannot be read");
  return operators_of(*text);
}

void Service::handle(const http::Request& request, const http::Responder& respond) {
  const http::Responder answer = [respond](http::Response response) { respond(guarded(std::move(response))); };
  if (auto refusal_of = refused(request)) return answer(std::move(*refusal_of));
  if (request.method == "GET" || request.method == "HEAD") return get(request, answer);
  if (request.method == "POST") return post(request, answer);
  http::Response response = refusal(kNotAllowed, "method_not_allowed", "The console takes GET, HEAD and POST.");
  response.headers.emplace_back("Allow", "GET, HEAD, POST");
  answer(std::move(response));
}

/// A page of another origin may make the browser ask, and a name that is not the console's may lead to it.
std::optional<http::Response> Service::refused(const http::Request& request) const {
  const std::string_view host = request.header("host");
  if (!hosts_.is_own(host)) {
    return refusal(kForbidden, "host_not_allowed", "The console is not known by this name: console.allowed_hosts lists further ones.");
  }
  const std::string_view origin = request.header("origin");
  const bool changes = request.method != "GET" && request.method != "HEAD";
  const std::string_view site = request.header("sec-fetch-site");
  const bool is_foreign = !origin.empty() ? !hosts_.is_own_origin(origin, host) : changes;
  const bool is_own_page = site.empty() || site == "same-origin" || site == "none" || is_navigation(request);
  if (!is_foreign && is_own_page) return std::nullopt;
  return refusal(kForbidden, "origin_not_allowed", "Only the console's own page may ask this.");
}

void Service::get(const http::Request& request, const http::Responder& respond) {
  if (auto file = page_file(request)) return respond(std::move(*file));
  if (!request.path.starts_with("/api/")) return respond(not_found());
  if (request.method == "HEAD") return respond(refusal(kNotAllowed, "method_not_allowed", "This takes GET."));
  if (request.path == "/api/stream") return respond(stream(request));
  if (request.path == "/api/tail") return respond(tail(request));
  if (request.path == "/api/snapshot") return viewers_.ask(respond);
  look(request, respond);
}

void Service::look(const http::Request& request, const http::Responder& respond) {
  if (request.path == "/api/session") {
    const auto session = session_of(request);
    return respond(session ? session_answer(*session) : refusal(session.error()));
  }
  const auto parameters = Parameters::of_query(request.query);
  if (!parameters) return respond(refusal(parameters.error()));
  auto question = question_of(request, *parameters, clock_.now());
  if (!question) return respond(refusal(question.error()));
  questions_.ask(std::move(*question), respond);
}

http::Response Service::stream(const http::Request& request) {
  auto writer = viewers_.make(std::string(request.header("last-event-id")));
  return writer ? stream_answer(std::move(writer)) : too_many("too_many_viewers", 10);
}

http::Response Service::tail(const http::Request& request) {
  const auto parameters = Parameters::of_query(request.query);
  if (!parameters) return refusal(parameters.error());
  auto asked = tail_request(*parameters, request.header("last-event-id"));
  if (!asked) return refusal(asked.error());
  auto writer = tails_.make(std::move(*asked));
  return writer ? stream_answer(std::move(writer)) : too_many("too_many_viewers", 10);
}

void Service::post(const http::Request& request, const http::Responder& respond) {
  if (!request.header("content-type").starts_with("application/json"))
    return respond(refusal(kBadRequest, "bad_request", "Content-Type must be application/json."));
  if (request.path == "/api/login") return respond(log_in(request));
  if (request.path == "/api/logout") return respond(log_out(request));
  if (request.path == "/api/actions/plan" || request.path == "/api/actions/confirm") return act(request, respond);
  respond(not_found());
}

http::Response Service::session_answer(const std::optional<Session>& session) const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("version", WEIR_VERSION);
  json.member("login", options_.tokens_file.empty() ? "off" : session ? "done" : "needed").name("name");
  session ? json.value(session->name) : json.null();
  json.name("expires_at");
  session ? json.value(format_instant(session->expires_at)) : json.null();
  json.name("topics").begin_array();
  for (const std::string& topic : topics_()) json.value(topic);
  json.end_array().end_object();
  return json_answer(std::move(out));
}

Result<std::optional<Session>> Service::session_of(const http::Request& request) {
  auto session = sessions_.of(request.header("cookie"));
  if (!session || options_.tokens_file.empty()) return std::optional<Session>();
  const auto operators = WEIR_TRY(read_operators(options_.tokens_file));
  // A line whose token was changed is another line, so that a token that was told to a stranger can be taken back.
  const bool is_known = std::any_of(operators.begin(), operators.end(), [&session](const Operator& one) {
    return one.name == session->name && same_secret(token_hash(one.token), session->token_hash);
  });
  if (!is_known) sessions_.end(request.header("cookie"));
  return is_known ? session : std::nullopt;
}

http::Response Service::log_in(const http::Request& request) {
  if (options_.tokens_file.empty()) return refusal(kForbidden, "login_off", "Nobody can log in: console.tokens_file is not set.");
  const auto body = Parameters::of_json(request.body);
  if (!body) return refusal(body.error());
  const auto operators = read_operators(options_.tokens_file);
  if (!operators) return refusal(operators.error());
  const std::string token = body->text("token").value_or("");
  const auto name = name_of(*operators, token);
  // The right token passes whoever else has guessed from the same address, which is a proxy's for all who come through it. What keeps it
  // from being guessed is its length; the limit keeps those who guess from filling the log.
  if (!name) {
    if (const auto wait = sessions_.refused_for(request.peer)) return too_many("too_many_logins", wait->count());
    sessions_.note_wrong_token(request.peer);
    log_.warning("login_refused", {{"peer", request.peer}});
    return refusal(kUnauthorized, "wrong_token", "No operator has this token.");
  }
  const Sessions::Begun begun = sessions_.begin(*name, token_hash(token));
  log_.info("logged_in", {{"operator", *name}, {"peer", request.peer}});
  http::Response response = session_answer(begun.session);
  response.headers.emplace_back("Set-Cookie", set_cookie(sessions_.cookie_name(), begun.cookie, came_by_tls(request)));
  return response;
}

http::Response Service::log_out(const http::Request& request) {
  sessions_.end(request.header("cookie"));
  http::Response response = session_answer(std::nullopt);
  response.headers.emplace_back("Set-Cookie", set_cookie(sessions_.cookie_name(), "", came_by_tls(request)));
  return response;
}

void Service::act(const http::Request& request, const http::Responder& respond) {
  if (options_.tokens_file.empty())
    return respond(refusal(kForbidden, "login_off", "The console only shows: console.tokens_file is not set."));
  const auto session = session_of(request);
  if (!session) return respond(refusal(session.error()));
  if (!*session) return respond(refusal(kUnauthorized, "login_needed", "Log in first: what is done is kept with your name."));
  const auto body = Parameters::of_json(request.body);
  if (!body) return respond(refusal(body.error()));
  auto question = request.path == "/api/actions/plan" ? actions_.plan(**session, *body) : actions_.confirm(**session, *body);
  if (!question) return respond(refusal(question.error()));
  questions_.ask(std::move(*question), respond);
}

}  // namespace weir::console
