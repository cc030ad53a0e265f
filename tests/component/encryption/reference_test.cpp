// The Python of docs/encryption.md, run as it stands there: it makes the vectors, and each side decrypts what the other one encrypted.
#include "common/core/base64.hpp"
#include "common/testing/python.hpp"
#include "tests/component/encryption/vault.hpp"

using namespace weir;

namespace {

std::string python_of_docs() {
  const std::string page = testing::text_of(testing::source_directory() / "docs/encryption.md");
  const std::size_t begin = page.find("```python\n");
  REQUIRE(begin != std::string::npos);
  const std::size_t first = begin + std::string("```python\n").size();
  return page.substr(first, page.find("```", first) - first);
}

/// That of the tests, else whichever is installed.
std::string python() { return testing::python().value_or("python3").string(); }

bool python_is_here() { return std::system(("'" + python() + "' -c 'import cryptography' >/dev/null 2>&1").c_str()) == 0; }

std::string run_python(const std::string& more) {
  const auto file = testing::scratch() / "reference.py";
  const auto out = testing::scratch() / "reference.out";
  std::ofstream(file) << python_of_docs() << "\nimport base64\n" << more;
  const int status = std::system(("'" + python() + "' '" + file.string() + "' >'" + out.string() + "'").c_str());
  REQUIRE(WEXITSTATUS(status) == 0);
  std::string text = testing::text_of(out);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string in_docs(const std::string& value) {
  return testing::text_of(testing::source_directory() / "docs/encryption.md").find("`" + value + "`") != std::string::npos ? value
                                                                                                                           : "not in docs";
}

}  // namespace

TEST_CASE("the Python of the page makes the page's vectors") {
  if (!python_is_here()) {
    MESSAGE("python3 with cryptography is not here: not run");
    return;
  }
  const std::string head =
      "key, kid, nonce, row = bytes(range(32)), '0d9c2c9e-1111-4222-8333-444455556666', bytes(range(0xa0, 0xac)), "
      "'6a1f3c1e-0000-4000-8000-000000000001'\n";
  const std::string connectors = run_python(
      head +
      "print(encrypt(key, kid, 'public.connectors', 'credentials_encrypted', row, b'{\"password\":\"opensesame\"}', nonce).hex())\n");
  CHECK(connectors == in_docs(connectors));
  const std::string empty =
      run_python(head + "print(encrypt(key, kid, 'public.assessment_responses', 'answers_encrypted', row, b'', nonce).hex())\n");
  CHECK(empty == in_docs(empty));
  const std::string index = run_python(
      head + "print(blind_index(key, 'public.notification_destinations', 'address_encrypted', ' Someone@Example.org ').hex())\n");
  CHECK(index == in_docs(index));
}

TEST_CASE("each side decrypts what the other one encrypted") {
  if (!python_is_here()) return;
  const encryption::Key key = encryption::Key::random();
  const Uuid id = Uuid::random();
  const encryption::Place place{"public.connectors", "credentials_encrypted", Uuid::random().text()};
  const std::string head = "key = base64.b64decode('" + base64(key.bytes()) + "')\n";
  const std::string where = "'public.connectors', 'credentials_encrypted', '" + place.row + "'";
  const std::string theirs =
      run_python(head + "print(base64.b64encode(encrypt(key, '" + id.text() + "', " + where + ", b'from python')).decode())\n");
  const std::string encrypted = base64_decoded(theirs).value();
  CHECK(encryption::decrypt(key, place, encrypted).value() == "from python");
  CHECK(encryption::key_id_of(encrypted).value() == id);
  const std::string ours = base64(encryption::encrypt(key, id, place, "from C++"));
  CHECK(run_python(head + "print(decrypt(key, " + where + ", base64.b64decode('" + ours + "')).decode())\n") == "from C++");
}

TEST_CASE("an application unwraps the keys as weir does") {
  if (!python_is_here()) return;
  testing::Vault vault;
  vault.fill(1);
  const std::string decrypted = run_python(
      "master = base64.b64decode(open('" + (vault.folder / "master.key").string() + "').read())\n" + "org = unwrap(master, '" +
      vault.value("SELECT id FROM weir.data_keys WHERE user_id IS NULL") + "', base64.b64decode('" +
      vault.value("SELECT replace(encode(wrapped_key, 'base64'), E'\\n', '') FROM weir.data_keys WHERE user_id IS NULL") + "'))\n" +
      "user = unwrap(org, '" + vault.value("SELECT id FROM weir.data_keys WHERE user_id IS NOT NULL") + "', base64.b64decode('" +
      vault.value("SELECT replace(encode(wrapped_key, 'base64'), E'\\n', '') FROM weir.data_keys WHERE user_id IS NOT NULL") + "'))\n" +
      "print(decrypt(user, 'public.connectors', 'credentials_encrypted', '" + vault.value("SELECT id FROM public.connectors") +
      "', base64.b64decode('" + vault.value("SELECT credentials_encrypted ->> 'sealed' FROM public.connectors") + "')).decode())\n");
  CHECK(decrypted == "secret of " + vault.value("SELECT id FROM public.connectors"));
}
