// Users who share projects, consent to be compared, and answer an instrument that aligns values. Each act gives the event that change
// capture would make of it.
#pragma once

#include "tests/component/scoring/site.hpp"

namespace weir::scoring {

struct Circle {
  Circle() {
    std::string json = sample_instrument();
    json.replace(json.find("\"sample\""), 8, "\"values\"");
    json.insert(json.find("\"least_share\""), R"("values_alignment": true, )");
    values = site.load(json);
    for (int n = 1; n <= 2; ++n) {
      site.run(fmt::format("INSERT INTO public.projects (id, organization_id, owner_id, name) VALUES ('{}', '{}', '{}', 'P')",
                           id(500 + n).text(), kOrganization.text(), user(9).text()));
    }
  }
  std::shared_ptr<runtime::Event> person(int n, std::optional<int> project = std::nullopt) {
    return event_of(PersonChanged{kOrganization, user(n), project ? std::optional(id(500 + *project)) : std::nullopt}, kStart);
  }
  std::shared_ptr<runtime::Event> consent(int n, const std::string& more = "") {
    site.run(fmt::format(R"(
INSERT INTO public.consents (organization_id, user_id, scope, granted_at{})
VALUES ('{}', '{}', 'values_alignment', '2026-11-01Z'{}))",
                         more.empty() ? "" : ", expires_at", kOrganization.text(), user(n).text(), more.empty() ? "" : ", '" + more + "'"));
    return person(n);
  }
  std::shared_ptr<runtime::Event> join(int n, int project) {
    site.run(fmt::format("INSERT INTO public.project_members (organization_id, project_id, user_id) VALUES ('{}', '{}', '{}')",
                         kOrganization.text(), id(500 + project).text(), user(n).text()));
    return person(n, project);
  }
  std::shared_ptr<runtime::Event> answer(int n, const std::string& plaintext) {
    return site.submit({.response = n, .user = n, .plaintext = plaintext, .submitted_at = kStart + Seconds{n}, .assessment = values});
  }
  /// Two users who both consent, share project 1 and have answered.
  void two(Worker& worker) {
    worker.apply({consent(1), consent(2), join(1, 1), join(2, 1), answer(1, answers({4, 4, 4, 4, 2, 3, 3, 3, 3, 3})),
                  answer(2, answers({5, 5, 5, 5, 1, 2, 2, 2, 2, 4}))});
    worker.wake();
  }
  std::string pairs() {
    return site.dump(
        R"(
SELECT right(user_id::text, 2), right(other_user_id::text, 2), round(profile_correlation::numeric, 6),
       mean_absolute_difference
  FROM public.values_alignments
 ORDER BY 1, 2)");
  }

  Site site;
  Uuid values;
};

}  // namespace weir::scoring
