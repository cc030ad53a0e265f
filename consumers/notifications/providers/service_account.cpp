#include "consumers/notifications/providers/service_account.hpp"

#include "common/core/base64.hpp"
#include "common/core/json.hpp"
#include "common/http/url.hpp"
#include "consumers/notifications/providers/payload.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace weir::notifications {

namespace {

constexpr Seconds kAssertionLife{3'600};

std::shared_ptr<EVP_PKEY> key_of(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const auto no_password = [](char*, int, int, void*) { return 0; };
  EVP_PKEY* key = memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, no_password, nullptr) : nullptr;
  return {key, &EVP_PKEY_free};
}

std::optional<std::string> rs256(std::string_view pem, std::string_view text) {
  const auto key = key_of(pem);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return std::nullopt;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t length = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes, text.size()) != 1)
    return std::nullopt;
  std::string signature(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes, text.size()) != 1)
    return std::nullopt;
  signature.resize(length);
  return signature;
}

class Tokens final : public http::TokenSource {
 public:
  Tokens(ServiceAccount account, std::string scope, http::Reach reach)
      : account_(std::move(account)), scope_(std::move(scope)), reach_(reach) {}

  [[nodiscard]] std::string name() const override { return account_.client_email + " " + account_.private_key_id + " " + scope_; }

  [[nodiscard]] http::Call request(Instant now) const override {
    http::Call call;
    call.url = account_.token_uri;
    call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    call.body =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + assertion_of(account_, scope_, now).value_or("");
    call.reach = reach_;
    return call;
  }

  [[nodiscard]] std::optional<http::Token> read(const http::Answer& answer) const override {
    auto token = text_at(answer.body, {"access_token"});
    const auto life = number_at(answer.body, {"expires_in"});
    if (!token || token->empty() || !life || *life <= 0) return std::nullopt;
    return http::Token{*std::move(token), Seconds{*life}};
  }

 private:
  ServiceAccount account_;
  std::string scope_;
  http::Reach reach_;
};

}  // namespace

tl::expected<ServiceAccount, std::string> ServiceAccount::parse(std::string_view json) {
  ServiceAccount account;
  for (auto [name, value] : {std::pair{"project_id", &account.project_id}, std::pair{"client_email", &account.client_email},
                             std::pair{"private_key_id", &account.private_key_id}, std::pair{"private_key", &account.private_key},
                             std::pair{"token_uri", &account.token_uri}}) {
    *value = text_at(json, {name}).value_or("");
    if (value->empty()) return tl::unexpected(fmt::format("it has no {}", name));
  }
  if (const auto url = http::parse_url(account.token_uri); !url) return tl::unexpected("token_uri: " + url.error());
  return account;
}

std::optional<std::string> assertion_of(const ServiceAccount& account, std::string_view scope, Instant now) {
  const std::int64_t seconds = unix_ms(now) / 1'000;
  std::string header;
  JsonWriter(header).begin_object().member("alg", "RS256").member("typ", "JWT").member("kid", account.private_key_id).end_object();
  std::string claims;
  JsonWriter(claims)
      .begin_object()
      .member("iss", account.client_email)
      .member("scope", scope)
      .member("aud", account.token_uri)
      .member("iat", seconds)
      .member("exp", seconds + kAssertionLife.count())
      .end_object();
  const std::string text = base64url(header) + "." + base64url(claims);
  const auto signature = rs256(account.private_key, text);
  if (!signature) return std::nullopt;
  return text + "." + base64url(*signature);
}

std::shared_ptr<const http::TokenSource> token_source(ServiceAccount account, std::string scope, http::Reach reach) {
  return std::make_shared<const Tokens>(std::move(account), std::move(scope), reach);
}

}  // namespace weir::notifications
