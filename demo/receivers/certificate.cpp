#include "demo/receivers/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace weir::demo {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long kHour = 3'600;
constexpr long kDay = 24 * kHour;
constexpr const char* kAddress = "127.0.0.1";

bool name_it(X509* certificate) {
  X509_NAME* name = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(kAddress), -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

bool add_address(X509* certificate) {
  const std::string text = std::string("IP:") + kAddress;
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, text.c_str());
  const bool is_added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return is_added;
}

Certificate signed_by_itself(EVP_PKEY* key) {
  constexpr long kVersion3 = 2;
  Certificate certificate(X509_new(), X509_free);
  X509* it = certificate.get();
  const bool is_made = it != nullptr && X509_set_version(it, kVersion3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(it), 1) == 1 &&
                       X509_gmtime_adj(X509_getm_notBefore(it), -kHour) != nullptr &&
                       X509_gmtime_adj(X509_getm_notAfter(it), 30 * kDay) != nullptr && X509_set_pubkey(it, key) == 1 && name_it(it) &&
                       add_address(it) && X509_sign(it, key, EVP_sha256()) > 0;
  if (!is_made) certificate.reset();
  return certificate;
}

bool write(const std::filesystem::path& file, X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new_file(file.c_str(), "w"), BIO_free);
  return out && PEM_write_bio_X509(out.get(), certificate) == 1 && BIO_flush(out.get()) == 1;
}

}  // namespace

Result<std::shared_ptr<SSL_CTX>> make_server_context(const std::filesystem::path& file) {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  if (!key) return fail(FaultKind::kIo, "OpenSSL made no key");
  const Certificate certificate = signed_by_itself(key.get());
  if (!certificate) return fail(FaultKind::kIo, "OpenSSL made no certificate");
  if (!write(file, certificate.get())) return fail(FaultKind::kIo, "cannot write " + file.string());
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context || SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    return fail(FaultKind::kIo, "OpenSSL takes no certificate that it made");
  }
  return context;
}

}  // namespace weir::demo
