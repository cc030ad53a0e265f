// Alignments: who is compared with whom, and what ends a pair.
#include "tests/component/scoring/circle.hpp"

#include <thread>

using namespace weir;
using namespace weir::scoring;

TEST_CASE("two users who consent and share a project are compared, dimension by dimension") {
  Circle circle;
  Worker worker(circle.site);
  circle.two(worker);
  CHECK(circle.pairs() == "(65,66,1.000000,25)");  // 75 and 50 against 100 and 25
  const std::string row = circle.site.dump("SELECT xmin, * FROM public.values_alignments");
  worker.apply(circle.person(1));
  worker.wake();
  CHECK(circle.site.dump("SELECT xmin, * FROM public.values_alignments") == row);
}

TEST_CASE("each condition of a pair ends the pair, and makes it again") {
  struct Row {
    const char* what;
    std::string ends;
    std::string begins;
  };
  Circle circle;
  Worker worker(circle.site);
  circle.two(worker);
  const std::string pair = circle.pairs();
  REQUIRE(pair != "");
  for (const Row& row :
       {Row{"a consent", "UPDATE public.consents SET withdrawn_at = '2026-11-10Z' WHERE user_id = '" + user(1).text() + "'",
            "UPDATE public.consents SET withdrawn_at = NULL"},
        Row{"a user", "UPDATE public.users SET deleted_at = now() WHERE id = '" + user(1).text() + "'",
            "UPDATE public.users SET deleted_at = NULL"},
        Row{"a parent's consent", "UPDATE public.users SET requires_parental_consent = true WHERE id = '" + user(1).text() + "'",
            "UPDATE public.users SET parental_consent_at = '2026-11-01Z' WHERE id = '" + user(1).text() + "'"}}) {
    CAPTURE(row.what);
    circle.site.run(row.ends);
    worker.apply(circle.person(1));
    worker.wake();
    CHECK(circle.pairs() == "");
    circle.site.run(row.begins);
    worker.apply(circle.person(1));
    worker.wake();
    CHECK(circle.pairs() == pair);
  }
  const auto project = event_of(ProjectChanged{kOrganization, id(501)}, kStart);
  for (const char* deleted_at : {"now()", "NULL"}) {
    circle.site.run("UPDATE public.projects SET deleted_at = " + std::string(deleted_at) + " WHERE id = '" + id(501).text() + "'");
    worker.apply(project);
    worker.wake();
    CHECK(circle.pairs() == (std::string(deleted_at) == "NULL" ? pair : ""));
  }
  circle.site.run("DELETE FROM public.project_members WHERE user_id = '" + user(2).text() + "'");
  worker.apply(circle.person(2, 1));
  worker.wake();
  CHECK(circle.pairs() == "");
  worker.apply(circle.join(2, 1));
  worker.wake();
  CHECK(circle.pairs() == pair);
  worker.apply(circle.site.remove(2));
  worker.wake();
  CHECK(circle.pairs() == "");
}

TEST_CASE("a consent that begins or ends by its time alone is noticed by the wake-up") {
  Circle circle;
  Worker worker(circle.site);
  worker.now = kStart;
  worker.apply({circle.consent(1, "2026-11-18T14:00Z"), circle.consent(2), circle.join(1, 1), circle.join(2, 1),
                circle.answer(1, answers({4, 4, 4, 4, 2, 3, 3, 3, 3, 3})), circle.answer(2, answers({5, 5, 5, 5, 1, 2, 2, 2, 2, 4}))});
  circle.site.run("UPDATE public.consents SET granted_at = '2026-11-18T13:00Z' WHERE user_id = '" + user(2).text() + "'");
  worker.wake();
  CHECK(circle.pairs() == "");
  worker.now = kStart + std::chrono::hours{1};
  worker.wake();
  CHECK(circle.pairs() != "");
  worker.now = kStart + std::chrono::hours{2};
  worker.wake();
  CHECK(circle.pairs() == "");
}

TEST_CASE("two instances that score the two users of a pair at the same time leave the pair") {
  Circle circle;
  Worker first(circle.site);
  Worker second(circle.site);
  first.apply({circle.consent(1), circle.consent(2), circle.join(1, 1), circle.join(2, 1)});
  first.wake();
  const auto one = circle.answer(1, answers({4, 4, 4, 4, 2, 3, 3, 3, 3, 3}));
  const auto two = circle.answer(2, answers({5, 5, 5, 5, 1, 2, 2, 2, 2, 4}));
  first.begin_apply({one});
  second.begin_apply({two});
  second.commit();
  second.wake();  // does not see the first yet
  CHECK(circle.pairs() == "");
  first.commit();
  first.wake();
  CHECK(circle.pairs() == "(65,66,1.000000,25)");
}

TEST_CASE("a correction moves the pair, and flat or differing profiles say so") {
  Circle circle;
  Worker worker(circle.site);
  circle.two(worker);
  worker.apply(circle.site.correct(1, answers({3, 3, 3, 3, 3, 3, 3, 3, 3, 3})));
  worker.wake();
  CHECK(circle.pairs() == "(65,66,,37.5)");
  worker.apply(circle.site.correct(1, answers({1, 1, 1, 1, 5, 0, 0, 0, 0, 0})));
  worker.wake();
  CHECK(circle.pairs() == "(65,66,,100)");
  worker.apply(circle.site.correct(1, answers({})));
  worker.wake();
  CHECK(circle.pairs() == "");
}

TEST_CASE("an instrument that does not align values makes no pair") {
  Circle circle;
  Worker worker(circle.site);
  worker.apply({circle.consent(1), circle.consent(2), circle.join(1, 1), circle.join(2, 1), circle.site.submit({.response = 1}),
                circle.site.submit({.response = 2, .user = 2})});
  worker.wake();
  CHECK(circle.pairs() == "");
}

TEST_CASE("among more than two hundred users a pair needs each user among the other's two hundred newest") {
  Circle circle;
  Worker worker(circle.site);
  circle.site.run(
      fmt::format("INSERT INTO public.users (id, organization_id, email, role) SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(1000 + "
                  "n), 12, '0'))::uuid, "
                  "'{0}', n || '@many.example', 'student' FROM generate_series(1, 202) n; "
                  "INSERT INTO public.project_members (organization_id, project_id, user_id) SELECT '{0}', '{1}', id FROM public.users "
                  "WHERE email LIKE '%@many.example'; "
                  "INSERT INTO public.consents (organization_id, user_id, scope, granted_at) SELECT '{0}', id, 'values_alignment', "
                  "'2026-11-01Z' FROM public.users WHERE email LIKE '%@many.example'",
                  kOrganization.text(), id(501).text()));
  Events events;
  for (int n = 1; n <= 202; ++n) {
    events.push_back(
        circle.site.submit({.response = n, .user = 900 + n, .submitted_at = kStart + Seconds{n}, .assessment = circle.values}));
  }
  worker.apply(events);
  worker.wake();
  // 202 members: the oldest of them is among nobody's 200 newest, the next one only among those of others than the newest 200.
  CHECK(circle.site.value("SELECT count(*) FROM public.values_alignments") == std::to_string(201 * 200 / 2));
  const auto with = [&](int n) {
    return circle.site.value(
        fmt::format("SELECT count(*) FROM public.values_alignments WHERE '{}' IN (user_id, other_user_id)", user(900 + n).text()));
  };
  CHECK(with(1) == "0");
  CHECK(with(2) == "200");
  // One of the 201 leaves, and the oldest comes in.
  circle.site.run("DELETE FROM public.project_members WHERE user_id = '" + user(900 + 202).text() + "'");
  worker.apply(event_of(PersonChanged{kOrganization, user(900 + 202), id(501)}, kStart));
  worker.wake();
  CHECK(with(202) == "0");
  CHECK(with(1) == "200");
  CHECK(circle.site.value("SELECT count(*) FROM public.values_alignments") == std::to_string(201 * 200 / 2));
}

TEST_CASE("a user has two hundred partners over all projects, whoever comes, goes or is newer in one of them") {
  Circle circle;
  Worker worker(circle.site);
  // 150 users of each project, and one, the 301st, of both.
  circle.site.run(fmt::format(R"(
INSERT INTO public.users (id, organization_id, email, role)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(1000 + n), 12, '0'))::uuid, '{0}', n || '@many.example', 'student' FROM generate_series(1, 301) n;
INSERT INTO public.project_members (organization_id, project_id, user_id)
SELECT '{0}', CASE WHEN n <= 150 THEN '{1}' ELSE '{2}' END::uuid, ('00000000-0000-4000-8000-' || lpad(to_hex(1000 + n), 12, '0'))::uuid
  FROM generate_series(1, 301) n;
INSERT INTO public.project_members (organization_id, project_id, user_id) VALUES ('{0}', '{1}', '{3}');
INSERT INTO public.consents (organization_id, user_id, scope, granted_at)
SELECT '{0}', id, 'values_alignment', '2026-11-01Z' FROM public.users WHERE email LIKE '%@many.example')",
                              kOrganization.text(), id(501).text(), id(502).text(), user(900 + 301).text()));
  const auto submitted = [&](int n, int response) {
    return circle.site.submit(
        {.response = response, .user = 900 + n, .submitted_at = kStart + Seconds{response}, .assessment = circle.values});
  };
  Events events;
  for (int n = 1; n <= 301; ++n) events.push_back(submitted(n, n));
  worker.apply(events);
  worker.wake();
  const std::string of_both = user(900 + 301).text();
  const auto partners = [&] {
    return circle.site.value(fmt::format("SELECT count(*) FROM public.values_alignments WHERE '{}' IN (user_id, other_user_id)", of_both));
  };
  const auto has = [&](int n) {
    const std::string other = user(900 + n).text();
    return circle.site.value(fmt::format(
               "SELECT count(*) FROM public.values_alignments WHERE (user_id, other_user_id) IN (('{0}', '{1}'), ('{1}', '{0}'))", of_both,
               other)) == "1";
  };
  CHECK(partners() == "200");
  CHECK(has(101));
  CHECK_FALSE(has(100));

  // Of the first project one is the newest now, so that the oldest who had been a partner is none.
  worker.apply({submitted(1, 400)});
  worker.wake();
  CHECK(partners() == "200");
  CHECK(has(1));
  CHECK(has(102));
  CHECK_FALSE(has(101));

  // Of the second project ten leave at once, and ten of the first come in; then so many that all who are left are partners.
  const auto leave = [&](int from, int until) {
    circle.site.run(fmt::format("DELETE FROM public.project_members WHERE user_id BETWEEN '{}' AND '{}'", user(900 + from).text(),
                                user(900 + until).text()));
    Events left;
    for (int n = from; n <= until; ++n) left.push_back(event_of(PersonChanged{kOrganization, user(900 + n), id(502)}, kStart));
    worker.apply(left);
    worker.wake();
  };
  leave(151, 160);
  CHECK(partners() == "200");
  CHECK(has(92));
  CHECK_FALSE(has(91));
  leave(161, 280);
  CHECK(partners() == "170");
}

TEST_CASE("a user whose pair Postgres refuses keeps the mark while others are compared, and is compared once the pair is taken") {
  Circle circle;
  Worker worker(circle.site);
  circle.site.run(
      "ALTER TABLE public.values_alignments ADD CONSTRAINT spared CHECK (right(user_id::text, 2) || right(other_user_id::text, 2) <> "
      "'6567')");
  circle.two(worker);
  const auto arrives = [&](int n) -> Events {
    return {circle.consent(n), circle.join(n, 1), circle.answer(n, answers({4, 4, 4, 4, 2, 3, 3, 3, 3, 3}))};
  };
  const auto partners = [&] {
    return circle.site.value(
        "SELECT string_agg(right(user_id::text, 2) || right(other_user_id::text, 2), ' ' ORDER BY user_id, other_user_id) FROM "
        "public.values_alignments");
  };
  const auto refused = [&] {
    return circle.site.dump("SELECT wakeup, right(key, 2), constraint_name, tries FROM weir.refused_wakeups ORDER BY key");
  };
  worker.apply(arrives(3));
  worker.apply(arrives(4));
  worker.wake();
  CHECK(partners() == "6566 6568 6668 6768");
  CHECK(refused() == "(alignments,67,spared,1)");
  CHECK(circle.site.value("SELECT string_agg(right(subject_id::text, 2), ' ') FROM weir.scoring_marks") == "67");

  circle.site.run("ALTER TABLE public.values_alignments DROP CONSTRAINT spared");
  circle.site.run("UPDATE weir.refused_wakeups SET next_try = now() + interval '1 hour'");
  worker.wake();
  CHECK(partners() == "6566 6568 6668 6768");
  circle.site.run("UPDATE weir.refused_wakeups SET next_try = now()");
  worker.wake();
  CHECK(partners() == "6566 6567 6568 6667 6668 6768");
  CHECK(refused() == "");
  CHECK(circle.site.value("SELECT count(*) FROM weir.scoring_marks") == "0");
}
