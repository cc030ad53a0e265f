#include "operations/audit/chain.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::audit {

namespace {

constexpr std::string_view kPrefix = "weir audit 1";

void put(std::string& out, std::int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((static_cast<std::uint64_t>(number) >> shift) & 0xFFU);
}

template <std::size_t N>
void put(std::string& out, const std::array<std::uint8_t, N>& bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<Hash> hash_of_hex(std::string_view text) {
  Hash hash;
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const auto high = digit(text[2 * i]);
    const auto low = digit(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    hash[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return hash;
}

Hash link_hash(const Hash& before, const Link& link) {
  std::string bytes(kPrefix);
  put(bytes, before);
  put(bytes, link.organization.bytes);
  put(bytes, link.number);
  put(bytes, link.row_id);
  put(bytes, unix_us(link.row_time));
  put(bytes, link.row_digest);
  put(bytes, link.payload_digest);
  return sha256(bytes);
}

std::string_view name_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::kCutStart:
      return "cut_start";
    case FindingKind::kMissing:
      return "missing";
    case FindingKind::kBroken:
      return "broken";
    case FindingKind::kRemoved:
      return "removed";
    case FindingKind::kAltered:
      return "altered";
    case FindingKind::kPayloadAltered:
      return "payload_altered";
    case FindingKind::kSwapped:
      return "swapped";
    case FindingKind::kErasedUnlogged:
      return "erased_unlogged";
    case FindingKind::kCutTail:
      return "cut_tail";
    case FindingKind::kOtherHead:
      return "other_head";
  }
  return "";
}

void ChainWalk::find(FindingKind kind, std::int64_t number, std::optional<std::int64_t> row_id, std::string what) {
  if (findings_.size() < kMostFindings) {
    findings_.push_back({kind, organization_, number, row_id, std::move(what)});
  } else {
    ++left_out_;
  }
}

void ChainWalk::keep(const Seen& seen, bool row) {
  if (mismatches_.size() < kMostFindings) {
    mismatches_.push_back({seen, row});
  } else {
    ++left_out_;
  }
}

bool ChainWalk::is_anchor(const Seen& seen) const {
  return std::ranges::any_of(anchors_, [&](const Anchor& anchor) { return anchor.number == seen.link.number && anchor.hash == seen.hash; });
}

void ChainWalk::check_start(const Seen& seen) {
  first_ = seen.link.number;
  if (first_ > 1 && !is_anchor(seen)) {
    find(FindingKind::kCutStart, first_, seen.link.row_id, fmt::format("links 1 to {} are gone, and no retention says so", first_ - 1));
  }
}

void ChainWalk::check_row(const Seen& seen) {
  if (!seen.row_there) {
    if (seen.link.number == first_ && is_anchor(seen)) return;  // what retention leaves of the rows that it removed
    find(FindingKind::kRemoved, seen.link.number, seen.link.row_id, "the row is not there");
    return;
  }
  if (seen.row_now != seen.link.row_digest) {
    keep(seen, true);
    return;
  }
  if (seen.erased) {
    if (!seen.erasure_logged) {
      find(FindingKind::kErasedUnlogged, seen.link.number, seen.link.row_id, "its payload was erased, and the log does not say so");
    }
  } else if (seen.payload_now != seen.link.payload_digest) {
    keep(seen, false);
  }
}

void ChainWalk::check_head(const Seen& seen) {
  const auto head = heads_.find(seen.link.number);
  if (head == heads_.end() || head->second == seen.hash) return;
  find(FindingKind::kOtherHead, seen.link.number, seen.link.row_id,
       fmt::format("it has hash {}, outside {} was kept", hex(seen.hash), hex(head->second)));
}

void ChainWalk::see(const Seen& seen) {
  const bool is_first = first_ == 0;
  if (is_first) check_start(seen);
  const std::int64_t expected = is_first ? seen.link.number : head_.number + 1;
  if (seen.link.number != expected) {
    find(FindingKind::kMissing, expected, std::nullopt, fmt::format("links {} to {} are not there", expected, seen.link.number - 1));
  } else if (!is_first || seen.link.number == 1) {
    if (link_hash(is_first ? Hash{} : head_.hash, seen.link) != seen.hash) {
      find(FindingKind::kBroken, seen.link.number, seen.link.row_id, "its hash does not follow from what it says and from the link before");
    }
  }
  check_row(seen);
  check_head(seen);
  head_ = {organization_, seen.link.number, seen.hash};
}

std::vector<Finding> ChainWalk::finish() {
  for (const Mismatch& mismatch : mismatches_) {
    const Link& link = mismatch.seen.link;
    const auto other = std::ranges::find_if(mismatches_, [&](const Mismatch& candidate) {
      const bool whole = candidate.seen.link.row_digest == mismatch.seen.row_now;
      return candidate.seen.link.number != link.number && (whole || !mismatch.row) &&
             candidate.seen.link.payload_digest == mismatch.seen.payload_now;
    });
    if (other != mismatches_.end()) {
      find(FindingKind::kSwapped, link.number, link.row_id,
           fmt::format("it says what row {} at number {} said when it was sealed", other->seen.link.row_id, other->seen.link.number));
    } else if (mismatch.row) {
      find(FindingKind::kAltered, link.number, link.row_id, "the row is not as it was sealed");
    } else {
      find(FindingKind::kPayloadAltered, link.number, link.row_id, "its values, address or program are not as they were sealed");
    }
  }
  const auto beyond = heads_.upper_bound(head_.number);
  if (beyond != heads_.end()) {
    const std::int64_t last = heads_.rbegin()->first;
    find(FindingKind::kCutTail, head_.number + 1, std::nullopt,
         fmt::format("the chain ends at {}; outside, {} was kept as its end: {} links are cut off", head_.number, last,
                     last - head_.number));
  }
  std::ranges::stable_sort(findings_, {}, &Finding::number);
  return std::move(findings_);
}

}  // namespace weir::audit
